"""Each verdict of the run can fail."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from guichet_testing.real.maildir import Mailbox
from tests.mailboxes.boxes import Afterwards, Box, Wrong
from tests.mailboxes.form import DOVECOT, STORE, full_form, short_form
from tests.mailboxes.looking import Lying
from tests.mailboxes.mails import Mail
from tests.mailboxes.trouble import Strike, order_of
from tests.mailboxes.verdicts import (
    all_were_accepted,
    each_is_one_message,
    faults_met_mails,
    none_was_touched_before,
    rebuilt_under_another_count,
    these_alarms,
    what_the_town_wants_was_done,
)

SAFE_AT = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)
NOBODYS: Any = None


def a_box(afterwards: Afterwards, wrong: Wrong | None = None) -> Box:
    inbox = Mailbox(f"{afterwards}@mairie.example", Path("unused"), NOBODYS)
    return Box(afterwards.value, "password", afterwards, inbox, None, wrong)


LEFT, FLAGGED, MOVED = map(a_box, Afterwards)
MAILS = [
    Mail(f"{box.name}-1@courriel.example", b"", SAFE_AT, f"message-{box.name}", (box,))  # type: ignore[arg-type]
    for box in (LEFT, FLAGGED, MOVED)
]
ACCEPTED = {each.message_id: [SAFE_AT] for each in MAILS}
LYING = [
    Lying(box, mail.header, "F" if box is FLAGGED else "", box is MOVED, SAFE_AT + timedelta(seconds=1))
    for mail in MAILS
    for box in mail.boxes
]


def test_what_is_right_holds() -> None:
    assert each_is_one_message(MAILS, list(ACCEPTED)).holds
    assert all_were_accepted(MAILS, ACCEPTED | {MAILS[0].message_id: [SAFE_AT, SAFE_AT]}).holds
    assert none_was_touched_before(MAILS, ACCEPTED, LYING).holds
    assert what_the_town_wants_was_done(MAILS, LYING).holds


def test_a_mail_that_is_no_message_or_two_does_not_hold() -> None:
    stored = list(ACCEPTED)
    assert not each_is_one_message(MAILS, stored[1:]).holds
    assert not each_is_one_message(MAILS, [*stored, stored[0]]).holds
    assert not each_is_one_message(MAILS, [*stored, "of another id"]).holds  # type: ignore[list-item]
    assert not all_were_accepted(MAILS[:2], ACCEPTED).holds
    assert not all_were_accepted(MAILS, dict(list(ACCEPTED.items())[1:])).holds


@pytest.mark.parametrize("nth", [1, 2])
def test_a_mail_flagged_or_moved_before_it_was_safe_does_not_hold(nth: int) -> None:
    early = [replace(each, changed_at=SAFE_AT - timedelta(milliseconds=20)) for each in LYING]
    assert none_was_touched_before(MAILS, ACCEPTED, [*early[:1], *LYING[1:]]).holds, "the first is left alone"
    assert not none_was_touched_before(MAILS, ACCEPTED, [*LYING[:nth], early[nth]]).holds
    assert not none_was_touched_before(MAILS, {}, [LYING[nth]]).holds


@pytest.mark.parametrize(
    "lying",
    [
        LYING[1:],
        [replace(LYING[0], flags="S"), *LYING[1:]],
        [LYING[0], replace(LYING[1], flags=""), LYING[2]],
        [*LYING[:2], replace(LYING[2], is_moved=False)],
        [*LYING, replace(LYING[0], header="of nobody")],
    ],
)
def test_a_mailbox_that_is_not_as_the_town_wants_it_does_not_hold(lying: list[Lying]) -> None:
    assert not what_the_town_wants_was_done(MAILS, lying).holds


def test_alarms_are_those_of_the_broken_mailboxes_and_no_others() -> None:
    broken = a_box(Afterwards.LEAVE, Wrong.REFUSED)
    assert these_alarms([broken], {("mailbox-refused", "leave")}, "now").holds
    assert not these_alarms([broken], set(), "now").holds
    assert not these_alarms([broken], {("mailbox-unreadable", "leave")}, "now").holds
    assert not these_alarms([], {("mailbox-refused", "leave")}, "now").holds


def test_a_fault_counts_where_mails_were_under_way_and_a_rebuilt_mailbox_where_it_counts_anew() -> None:
    assert faults_met_mails([Strike(DOVECOT, "", 3)], {DOVECOT: 1}).holds
    assert not faults_met_mails([Strike(DOVECOT, "", 0)], {DOVECOT: 1}).holds
    assert not faults_met_mails([Strike(DOVECOT, "", 3)], {DOVECOT: 1, STORE: 1}).holds
    assert rebuilt_under_another_count([("boite-1", 7, 8)]).holds
    assert not rebuilt_under_another_count([("boite-1", 7, 7)]).holds


def test_one_seed_is_one_order_of_all_faults() -> None:
    for form in (short_form(), full_form()):
        order = order_of(form, 7)
        assert order == order_of(form, 7)
        assert {name: order.count(name) for name in form.times} == form.times
