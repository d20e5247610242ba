"""Whatever happened is counted on its day in its department, once, however often it is counted."""

from collections import Counter
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as some

from case_router.handlers.count_days import AGAIN, CountDays
from guichet.case.history import HistoryEntry
from guichet.ids import DepartmentId
from guichet.law.calendar import paris_date, start_of_day
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.cases.department_days import InMemoryDepartmentDays
from guichet_testing.twins.store.cases.history import InMemoryCaseHistory

DEPARTMENTS = DepartmentId("voirie"), DepartmentId("ccas")
FIELDS = {"CaseOpened": "received", "ReplyRequested": "answered", "CaseClosed": "closed"}
TODAY = paris_date(ARRIVED)


def counting(history: InMemoryCaseHistory, days: InMemoryDepartmentDays, now=ARRIVED) -> CountDays:
    return CountDays(history=history, days=days, departments=DEPARTMENTS, clock=lambda: now)


def an_entry(version: int, kind: str, hours: int, had_by: str | None) -> HistoryEntry:
    at = start_of_day(TODAY + timedelta(days=1)) - timedelta(hours=hours, minutes=1)
    return HistoryEntry(case_id="c", version=version, type=kind, at=at, had_by=had_by)


happened = some.tuples(
    some.sampled_from((*FIELDS, "MessageFiled")),
    some.integers(0, 24 * (AGAIN + 2)),
    some.sampled_from((*DEPARTMENTS, None)),
)


@given(some.lists(happened, max_size=40), some.integers(1, 3))
async def test_each_is_counted_once_on_its_day_whatever_is_counted_again(events, times):
    entries = [an_entry(version, *each) for version, each in enumerate(events)]
    days = InMemoryDepartmentDays()
    for _ in range(times):
        await counting(InMemoryCaseHistory(*entries), days).look()
    expected = Counter(
        (each.had_by, paris_date(each.at), FIELDS[each.type])
        for each in entries
        if each.had_by and each.type in FIELDS and (TODAY - paris_date(each.at)).days < AGAIN
    )
    counted = Counter(
        {
            (each.department, each.day, field): getattr(each, field)
            for each in days.days.values()
            for field in FIELDS.values()
        }
    )
    assert +counted == expected
    for department in DEPARTMENTS:
        begins = min((day for whose, day, _ in expected if whose == department), default=None)
        known = 0 if begins is None else (TODAY - begins).days + 1
        assert sum(each.department == department for each in days.days.values()) == known, "before that nobody counted"


async def test_a_quiet_day_is_counted_once_a_department_has_begun():
    history, days = InMemoryCaseHistory(an_entry(1, "CaseOpened", 1, "voirie")), InMemoryDepartmentDays()
    for later in range(3):
        await counting(history, days, ARRIVED + timedelta(days=later)).look()
    assert sorted((each.day - TODAY).days for each in days.days.values()) == [0, 1, 2]


async def test_an_earlier_day_stays_as_it_was_counted_though_its_cases_are_erased():
    history, days = InMemoryCaseHistory(an_entry(1, "CaseOpened", 1, "voirie")), InMemoryDepartmentDays()
    await counting(history, days).look()
    history.entries.clear()
    await counting(history, days, ARRIVED + timedelta(days=AGAIN)).look()
    assert days.days[f"voirie.{TODAY}"].received == 1
    assert len(days.days) == 1 + AGAIN
