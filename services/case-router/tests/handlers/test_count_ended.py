"""Each clock that ended is counted once, on its day, for who had the case; what changes is counted anew."""

from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from case_router.handlers.count_ended import STRETCH, STRETCHES, CountEnded
from case_router.handlers.days_come import DaysCome
from guichet.case.record import CountedClock
from guichet.contracts.case_commands import CloseCase, RerouteCase, StateFact
from guichet.contracts.delivery import DeliveryChanged
from guichet.contracts.legal_facts import StatedFact
from guichet.ids import DepartmentId
from guichet.law.calendar import PARIS, paris_date, start_of_day
from guichet.store.cases.department_days import KEPT
from guichet.vault.sealing import Thing, seal
from guichet_testing.builders.case import ARRIVED, a_case
from guichet_testing.twins.store.agents.rights import rights_in
from guichet_testing.twins.store.cases.department_days import InMemoryDepartmentDays
from guichet_testing.twins.store.cases.ended_clocks import InMemoryEndedClocks
from guichet_testing.twins.store.cases.store import InMemoryCaseStore

DEPARTMENTS = DepartmentId("voirie"), DepartmentId("ccas")
TODAY = paris_date(ARRIVED)
RECEIVED, AEE_DUE, ARE_DUE = date(2026, 11, 24), date(2026, 11, 25), date(2026, 12, 8)

some_clocks = some.tuples(
    some.integers(0, KEPT.days + 10),
    some.sampled_from(DEPARTMENTS),
    some.sampled_from(("aee:met", "are:not-met", "silence:rejected")),
)


def ended_days_ago(days: int, department: str, how: str) -> CountedClock:
    clock, outcome = how.split(":")
    day = start_of_day(TODAY - timedelta(days=days))
    return CountedClock(clock=clock, outcome=outcome, day_begins=day, department=DepartmentId(department))


def counting(cases: InMemoryCaseStore, days: InMemoryDepartmentDays) -> CountEnded:
    return CountEnded(ended=InMemoryEndedClocks(cases), days=days, departments=DEPARTMENTS, clock=lambda: ARRIVED)


def counted(days: InMemoryDepartmentDays) -> Counter[tuple[str, date, str]]:
    return Counter(
        {(each.department, each.day, how): n for each in days.days.values() for how, n in each.ended.items()}
    )


def expected_of(clocks) -> Counter[tuple[str, date, str]]:
    kept = [each for each in clocks if each[0] < STRETCH * STRETCHES]
    return Counter((department, TODAY - timedelta(days=days), how) for days, department, how in kept)


@given(some.lists(some_clocks, max_size=12), some.lists(some_clocks, max_size=12))
async def test_after_one_turn_each_is_counted_once_whatever_was_counted_before(before, after):
    cases, days = InMemoryCaseStore(), InMemoryDepartmentDays()
    count = counting(cases, days)
    for clocks in (before, after):
        case = a_case(ended_clocks=tuple(ended_days_ago(*each) for each in clocks))
        cases.cases[case.case_id] = case
        for _ in range(STRETCHES - 1):
            await count.look()
        assert counted(days) == expected_of(clocks)


async def test_the_last_days_are_counted_at_each_look():
    cases, days = InMemoryCaseStore(), InMemoryDepartmentDays()
    count = counting(cases, days)
    for nth in range(3):
        case = a_case(str(nth), ended_clocks=(ended_days_ago(STRETCH - 1, "ccas", "aee:met"),))
        cases.cases[case.case_id] = case
        await count.look()
        assert counted(days).total() == nth + 1


@pytest.fixture
async def mail(world):
    world.rights = rights_in(world.town.departments, "lea")
    mail = await world.mail("m", "alice@courriel.example")
    world.now = ARRIVED + timedelta(hours=1)
    await world.take(mail)
    return mail


def ended_of(world, mail):
    return {
        each.clock: (each.outcome, paris_date(each.day_begins), each.department)
        for each in world.case_of(mail).ended_clocks
    }


def left(case, purpose, day):
    at = datetime(day.year, day.month, day.day, 15, tzinfo=PARIS)
    about = {"case_id": case.case_id, "outbound_id": purpose, "purpose": purpose, "channel": "email"}
    return DeliveryChanged(event_id=f"{purpose} left", occurred_at=at, state="sent", **about)


async def rerouting(world, case, department, at):
    keys = await world.vault.open_keys([case.subject.key_id])
    reason = seal(keys[case.subject.key_id], Thing("case", case.case_id), "reroute", b"pas pour nous")
    about = {"case_id": case.case_id, "issued_by": "lea", "occurred_at": at, "event_id": "reroute"}
    return RerouteCase(department=department, reason=reason, **about)


async def on(world, day):
    world.now = datetime(day.year, day.month, day.day, 9, tzinfo=PARIS)
    await DaysCome.of_clocks(world.cases, world.router().decide, lambda: world.now).look()


async def test_what_leaves_in_time_and_what_does_not_is_kept_with_the_case_replayed_or_not(world, mail):
    case = world.case_of(mail)
    report = left(case, "AEE", RECEIVED)
    for _ in range(2):
        await world.take(report)
    assert ended_of(world, mail) == {"aee": ("met", RECEIVED, case.department)}
    await on(world, ARE_DUE + timedelta(days=1))
    assert ended_of(world, mail)["are"] == ("not-met", ARE_DUE, case.department)
    world.now += timedelta(days=3)
    await world.take(left(case, "ARE", ARE_DUE + timedelta(days=3)))
    assert ended_of(world, mail)["are"] == ("met-late", ARE_DUE, case.department)
    world.check()


async def test_r6_what_had_ended_stays_with_the_department_that_had_it(world, mail):
    """R6 (docs/law.md 16)."""
    case = world.case_of(mail)
    other = next(each for each in world.town.departments if each != case.department)
    await world.take(left(case, "AEE", RECEIVED))
    world.now = datetime(2026, 12, 1, 9, tzinfo=PARIS)
    await world.take(await rerouting(world, case, other, world.now))
    await on(world, ARE_DUE + timedelta(days=1))
    found = ended_of(world, mail)
    assert found["aee"] == ("met", RECEIVED, case.department)
    assert found["are"] == ("not-met", ARE_DUE, other)


async def test_a_fact_that_is_withdrawn_ends_nothing(world, mail):
    case = world.case_of(mail)
    await on(world, ARE_DUE + timedelta(days=1))
    before = ended_of(world, mail)
    about = {"case_id": case.case_id, "issued_by": "lea", "occurred_at": world.now}
    in_time = datetime(2026, 12, 1, 9, tzinfo=PARIS)
    passed_on = StatedFact(event="transferred", at=in_time, to=next(iter(world.town.authorities)))
    await world.take(StateFact(event_id="passed on", fact=passed_on, **about))
    assert "are" not in ended_of(world, mail), "passed on before its last day: nothing was due any more"
    taken_back = StatedFact(event="withdrawn", at=world.now, what=passed_on)
    await world.take(StateFact(event_id="taken back", fact=taken_back, **about))
    assert ended_of(world, mail) == before


async def test_a_case_of_before_clocks_were_counted_is_in_no_figure(world, mail):
    case = world.case_of(mail).model_copy(update={"ended_clocks": None})
    world.cases.cases[case.case_id] = case
    await world.take(left(case, "AEE", RECEIVED))
    world.now += timedelta(hours=1)
    closing = CloseCase(event_id="close", case_id=case.case_id, issued_by="lea", occurred_at=world.now)
    await world.take(closing)
    assert world.case_of(mail).ended_clocks is None
