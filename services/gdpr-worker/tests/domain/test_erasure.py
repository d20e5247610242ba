"""How an erasure goes on, without a clock or a broker."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdpr_worker.domain.erasure import (
    Held,
    added,
    all_of,
    forgotten_at,
    lacks_visa,
    reached,
    stuck_causes,
    waits_for_another,
)
from gdpr_worker.domain.last_copy import Keeping, last_copy_gone_by
from gdpr_worker.handlers.read_barrier import behind
from guichet.contracts.case_events import CaseState
from guichet.contracts.topics import TOPICS
from guichet.data_subject.personal_data import PersonalData, Spared
from guichet.ids import AgentId, CitizenId, DepartmentId, EventId, Reference
from guichet.kafka.admin.offsets import Lag
from guichet.vault.erasure_ledger.entry import SPARED, BarrierOffset, ErasedCase, ErasureEntry, ErasureStep

ASKED = datetime(2026, 5, 1, tzinfo=UTC)


def an_entry(name: str = "r1", citizen: str = "c1", **more: Any) -> ErasureEntry:
    return ErasureEntry(
        **{
            **{"_id": EventId(name), "citizen": CitizenId(citizen), "requested_by": AgentId("operator:jo")},
            **{"requested_at": ASKED, "decision": "DPO-1", **more},
        }
    )


def a_case(reference: str = "2026-7F3K-29Q", days: int = 0, state: CaseState = CaseState.CLOSED) -> ErasedCase:
    received = ASKED - timedelta(days=days)
    department = DepartmentId("voirie")
    return ErasedCase(reference=Reference(reference), department=department, state=state, received_at=received)


def a_lag(committed: int | None, *, begin: int = 0, partition: int = 0, group: str = "case-router") -> Lag:
    return Lag(group, "inbound-sms", partition, committed, begin, end=99)


BARRIER = (
    BarrierOffset(topic="inbound-sms", partition=0, offset=10),
    BarrierOffset(topic="inbound-sms", partition=1, offset=0),
)


def test_the_barrier_holds_until_every_group_has_committed_past_it_on_every_partition():
    elsewhere = a_lag(None, partition=1)
    assert behind(BARRIER, [a_lag(9), elsewhere]) == {("case-router", "inbound-sms")}
    assert behind(BARRIER, [a_lag(10), elsewhere]) == frozenset()
    assert behind(BARRIER, [a_lag(10), a_lag(3, group="other"), elsewhere]) == {("other", "inbound-sms")}


def test_a_group_that_never_committed_holds_the_barrier_unless_there_is_nothing_to_file():
    assert behind(BARRIER, [a_lag(None)])
    assert not behind(BARRIER, [a_lag(None, begin=10)])


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_whoever_has_passed_a_barrier_has_passed_every_lower_one(committed: int, lower: int, higher: int):
    lower, higher = sorted((lower, higher))
    place = BARRIER[0]
    if not behind([place.model_copy(update={"offset": higher})], [a_lag(committed)]):
        assert not behind([place.model_copy(update={"offset": lower})], [a_lag(committed)])


def test_keys_are_forgotten_counting_from_the_diverting():
    diverted = reached(an_entry(), ErasureStep.DIVERTED, ASKED + timedelta(hours=1))
    assert forgotten_at(diverted, timedelta(minutes=5)) == ASKED + timedelta(hours=1, minutes=5)


def test_a_case_needs_the_archives_visa():
    assert lacks_visa(an_entry(), [a_case()])
    assert lacks_visa(an_entry(visa=""), [a_case()])
    assert not lacks_visa(an_entry(visa="AD-1"), [a_case()])
    assert not lacks_visa(an_entry(), [])


def test_what_is_spared_needs_the_visa_too_and_is_counted_once_however_many_passes_find_it():
    spared = Spared(listed=(a_case("2026-0000-000", days=9),))
    found = PersonalData(listed=(a_case(),), spared=spared)
    assert [each.reference for each in all_of(found)] == ["2026-7F3K-29Q", "2026-0000-000"]
    assert lacks_visa(an_entry(), all_of(PersonalData(spared=spared)))
    entry = an_entry()
    for _ in range(3):
        entry = entry.model_copy(update=added(entry, {"messages": 1}, all_of(found), spared=1))
    assert entry.counts == {"messages": 3, SPARED: 1}
    assert len(entry.cases) == 2
    entry = entry.model_copy(update=added(entry, {"cases": 1}, all_of(found)))
    assert entry.counts == {"messages": 3, "cases": 1}, "its time came meanwhile"


def test_the_older_of_two_erasures_of_one_person_goes_first():
    first, second = an_entry("b"), an_entry("a", requested_at=ASKED + timedelta(seconds=1))
    other = an_entry("c", "c2")
    everybody = [first, second, other]
    assert [waits_for_another(each, everybody) for each in everybody] == [False, True, False]


def test_what_comes_late_is_added_and_a_case_that_is_known_stays_as_it_was_seen():
    entry = an_entry(counts={"messages": 2}, cases=(a_case(days=1),))
    again = a_case(days=1, state=CaseState.DESTROYED)
    more = added(entry, {"messages": 1, "threads": 3, "objects": 0}, [again, a_case("2026-0000-000", days=9)])
    assert more["counts"] == {"messages": 3, "threads": 3}
    assert [(case.reference, case.state) for case in more["cases"]] == [
        ("2026-0000-000", CaseState.CLOSED),
        ("2026-7F3K-29Q", CaseState.CLOSED),
    ]


def test_an_alarm_names_what_holds_up_an_erasure_that_is_open_for_too_long():
    at_barrier = Held(reached(an_entry(), ErasureStep.DIVERTED, ASKED), frozenset({("case-router", "inbound-sms")}))
    elsewhere = Held(reached(an_entry("r2"), ErasureStep.CHECKED, ASKED))
    both, patience = [at_barrier, elsewhere], timedelta(hours=6)
    assert stuck_causes(both, ASKED + patience, patience=patience) == set()
    late = stuck_causes(both, ASKED + patience + timedelta(seconds=1), patience=patience)
    assert late == {"case-router:inbound-sms", "checked:r2"}


@pytest.mark.parametrize(
    ("oplog", "backups", "gone_by"),
    [
        (7, 35, date(2026, 6, 5)),  # backups
        (7, 0, date(2026, 6, 1)),  # thirty days on topics, and a day until the segment is closed
        (90, 35, date(2026, 7, 30)),
    ],
)
def test_the_last_copy_is_gone_when_the_longest_bound_has_passed(oplog: int, backups: int, gone_by: date):
    keeping = Keeping(timedelta(days=oplog), timedelta(days=backups))
    assert last_copy_gone_by(datetime(2026, 4, 30, 23, 30, tzinfo=UTC), TOPICS, keeping) == gone_by


@given(st.integers(0, 10 * 365 * 24), st.integers(0, 400))
def test_no_copy_is_promised_away_before_its_bound(hours: int, days: int):
    rotated = ASKED + timedelta(hours=hours)
    gone_by = last_copy_gone_by(rotated, TOPICS, Keeping(timedelta(days=7), timedelta(days=days)))
    for bound in (timedelta(days=days), *(topic.retention for topic in TOPICS)):
        assert gone_by >= (rotated + bound).date()
