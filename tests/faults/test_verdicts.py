"""Each verdict holds on what is right and fails on every kind of wrong that it is there for."""

from dataclasses import replace
from typing import Any

import pytest

from guichet.ids import MessageId
from tests.faults.verdicts.found import Copy, Letter, PublishedEvent, Receipt, StoredCase
from tests.faults.verdicts.verdicts import (
    accepted_is_stored,
    each_case_is_answered,
    events_are_in_order,
    filed_is_searched,
    kills_count,
    nothing_changed,
    one_case_per_thread,
    only_what_was_never_answered_is_undecided,
    poison_is_put_aside,
    requests_are_recorded,
    second_copies_are_excused,
)

A, B, C = MessageId("a"), MessageId("b"), MessageId("c")
THREADS = frozenset({frozenset({A, B}), frozenset({C})})


def test_accepted_is_stored() -> None:
    assert accepted_is_stored([A, B, A], [B, A]).holds


@pytest.mark.parametrize(("accepted", "stored"), [([A, B], [A]), ([A], [A, B]), ([A], [A, A])])
def test_what_is_lost_or_invented_or_doubled_fails(accepted: list[MessageId], stored: list[MessageId]) -> None:
    assert not accepted_is_stored(accepted, stored).holds


def test_filed_is_searched() -> None:
    assert filed_is_searched([A, B], [B, A]).holds


@pytest.mark.parametrize(("filed", "searched"), [([A, B], [A]), ([A], [A, B]), ([A], [A, A])])
def test_what_a_search_misses_or_invents_or_doubles_fails(filed: list[MessageId], searched: list[MessageId]) -> None:
    assert not filed_is_searched(filed, searched).holds


def test_one_case_per_thread() -> None:
    assert one_case_per_thread(THREADS, {A: "1", B: "1", C: "2"}, ["1", "2"]).holds


@pytest.mark.parametrize(
    ("filed", "cases"),
    [
        ({A: "1", B: "2", C: "3"}, ["1", "2", "3"]),  # a thread in two cases
        ({A: "1", B: "1", C: "1"}, ["1"]),  # two threads in one
        ({A: "1", B: "1", C: None}, ["1"]),  # not filed
        ({A: "1", B: "1", C: "2"}, ["1", "2", "3"]),  # an empty case
        ({A: "1", B: "1", C: "2"}, ["1"]),  # a case that does not exist
    ],
)
def test_a_thread_that_is_not_one_case_fails(filed: dict[MessageId, str | None], cases: list[str]) -> None:
    assert not one_case_per_thread(THREADS, filed, cases).holds


def event(number: int, event_id: str = "", case: str = "1", digest: str = "") -> PublishedEvent:
    return PublishedEvent(event_id or f"event {number}", case, number, digest or f"digest {number}")


def test_events_in_order_some_of_them_repeated() -> None:
    events = [event(1), event(2), event(1), event(3), event(2), event(3)]
    verdict = events_are_in_order(events, {"1": StoredCase(3, (1, 2, 3))})
    assert verdict.holds
    assert "3 repeated" in verdict.figures


@pytest.mark.parametrize(
    ("events", "case"),
    [
        ([event(1), event(3), event(2)], StoredCase(3, (1, 2, 3))),  # out of order
        ([event(1), event(3)], StoredCase(3, (1, 2, 3))),  # a gap
        ([event(1)], StoredCase(2, (1, 2))),  # the last is missing
        ([event(1), event(2)], StoredCase(1, (1,))),  # one too many
        ([event(1), event(1, "another")], StoredCase(1, (1,))),  # two events of one version
        ([event(1), event(1, digest="other")], StoredCase(1, (1,))),  # repeated otherwise
        ([event(1)], StoredCase(1, ())),  # the history lacks it
        ([event(1)], StoredCase(1, (1,), outbox=1)),  # held back
        ([event(1), event(1, "else", case="2")], StoredCase(1, (1,))),  # of a case that does not exist
    ],
)
def test_events_that_are_not_in_order_fail(events: list[PublishedEvent], case: StoredCase) -> None:
    assert not events_are_in_order(events, {"1": case}).holds


RECEIPT = Receipt("1", "mail", "sent")
COPY = Copy("mail", "<a@x>", 1.0)


def test_each_case_is_answered() -> None:
    assert each_case_is_answered({A: RECEIPT}, {A: [COPY]}, ["1"]).holds
    assert each_case_is_answered({A: replace(RECEIPT, state="delivered")}, {A: [COPY, COPY]}, ["1"]).holds
    asked = replace(RECEIPT, state="unknown", undecided=True)
    assert each_case_is_answered({A: asked}, {}, ["1"]).holds, "an agent is asked: it may never have arrived"


@pytest.mark.parametrize(
    ("receipts", "copies", "cases"),
    [
        ({A: RECEIPT}, {}, ["1"]),  # never arrived
        ({}, {}, ["1"]),  # not owed
        ({A: RECEIPT, B: RECEIPT}, {A: [COPY], B: [COPY]}, ["1"]),  # owed twice
        ({A: replace(RECEIPT, state="unknown")}, {A: [COPY]}, ["1"]),
        ({A: replace(RECEIPT, state="pending")}, {A: [COPY]}, ["1"]),
        ({A: replace(RECEIPT, state="failed")}, {A: [COPY]}, ["1"]),
        ({A: replace(RECEIPT, untold=True)}, {A: [COPY]}, ["1"]),
        ({A: RECEIPT}, {A: [COPY], B: [COPY]}, ["1"]),  # a copy that nobody owes
    ],
)
def test_a_case_without_its_one_receipt_fails(receipts: Any, copies: Any, cases: Any) -> None:
    assert not each_case_is_answered(receipts, copies, cases).holds


def test_a_second_copy_with_an_excuse() -> None:
    excused = {A: ("in flight at kill -9 of notifier",)}
    assert second_copies_are_excused({A: [COPY, COPY], B: [COPY]}, excused).holds
    assert second_copies_are_excused({A: [replace(COPY, way="telegram")] * 2}, excused).holds


@pytest.mark.parametrize(
    ("copies", "excused"),
    [
        ([COPY, COPY], {}),  # no excuse
        ([COPY, COPY, COPY], {A: ("in flight",)}),  # one excuse for two
        ([replace(COPY, way="twilio")] * 2, {A: ("in flight",)}),  # never by telephone
        ([COPY, replace(COPY, provider_id="<b@x>")], {A: ("in flight",)}),  # another Message-ID
    ],
)
def test_a_second_copy_otherwise_fails(copies: list[Copy], excused: dict[MessageId, tuple[str, ...]]) -> None:
    assert not second_copies_are_excused({A: copies}, excused).holds


def test_an_agent_is_asked_where_every_send_was_in_doubt() -> None:
    undecided = replace(RECEIPT, way="telegram", state="unknown", undecided=True)
    unheard = [replace(COPY, way="telegram", is_unanswered=True)] * 2
    doubts = {A: ("never answered", "never answered")}
    assert each_case_is_answered({A: undecided}, {A: unheard}, ["1"]).holds
    assert only_what_was_never_answered_is_undecided({A: undecided}, {A: unheard}, doubts).holds
    assert not only_what_was_never_answered_is_undecided({A: undecided}, {A: unheard}, {A: ("once",)}).holds


LETTER = Letter("letter", "inbound-sms", "case-router", "unreadable", "poison-1")
POISON = {"poison-1": {("inbound-sms", "case-router")}}
OF_TWO_GROUPS = {"poison-1": {("case-events", "notifier"), ("case-events", "gdpr-worker")}}
BY_ONE = replace(LETTER, topic="case-events", group="notifier")


def test_poison_is_put_aside_perhaps_twice() -> None:
    assert poison_is_put_aside(POISON, [LETTER, LETTER]).holds


@pytest.mark.parametrize(
    "letters",
    [
        [],
        [LETTER, replace(LETTER, word="a message")],
        [LETTER, replace(LETTER, word="")],
        [replace(LETTER, group="x")],
        [replace(LETTER, topic="x")],
    ],
)
def test_poison_that_is_lost_or_a_message_that_is_given_up_fails(letters: list[Letter]) -> None:
    assert not poison_is_put_aside(POISON, letters).holds


def test_poison_of_two_groups_is_put_aside_by_both() -> None:
    assert poison_is_put_aside(OF_TWO_GROUPS, [BY_ONE, replace(BY_ONE, group="gdpr-worker")]).holds
    assert not poison_is_put_aside(OF_TWO_GROUPS, [BY_ONE, BY_ONE]).holds


def test_kills_that_count() -> None:
    assert kills_count({"kafka": 3, "notifier": 2, "case-router": 1}, {"kafka": 3}, together=3).holds
    assert not kills_count({"kafka": 2, "notifier": 3}, {"kafka": 3}, together=3).holds
    assert not kills_count({"kafka": 3, "notifier": 2}, {"kafka": 3}, together=3).holds
    assert not kills_count({"kafka-2": 1, "notifier": 2}, {}, together=3).holds, "a broker is no service"


def test_requests_are_recorded() -> None:
    assert requests_are_recorded(["a"], ["a", "a"]).holds
    assert not requests_are_recorded(["a", "b"], ["a"]).holds
    assert not requests_are_recorded(["a"], ["a", "b"]).holds


def test_a_replay_that_changes_or_sends_something_fails() -> None:
    assert nothing_changed({"cases": "x"}, {"cases": "x"}, 0).holds
    assert not nothing_changed({"cases": "x"}, {"cases": "y"}, 0).holds
    assert not nothing_changed({"cases": "x"}, {"cases": "x", "more": "y"}, 0).holds
    assert not nothing_changed({"cases": "x"}, {"cases": "x"}, 1).holds
