"""One suite for what departments did a day, on the twin and on the real MongoDB."""

from datetime import date

import pytest

from guichet.ids import DepartmentId
from guichet.law.calendar import start_of_day
from guichet.mongo.client import connect
from guichet.runtime.settings import MongoSettings
from guichet.store.cases.department_days import DepartmentDays, MongoDepartmentDays, department_day
from guichet_testing.twins.store.cases.department_days import InMemoryDepartmentDays

STREETS, SOCIAL = DepartmentId("voirie"), DepartmentId("ccas")
MONDAY, TUESDAY, WEDNESDAY = (date(2026, 3, day) for day in (2, 3, 4))


class DepartmentDaysSuite:
    async def test_what_was_counted_last_counts(self, days: DepartmentDays):
        await days.put([])
        await days.put([department_day(STREETS, MONDAY, received=1), department_day(STREETS, TUESDAY)])
        await days.put([department_day(STREETS, MONDAY, received=3, answered=2, closed=1)])
        found = await days.of([STREETS], start_of_day(MONDAY), start_of_day(WEDNESDAY))
        assert [(each.day, each.received, each.answered, each.closed) for each in found] == [
            (MONDAY, 3, 2, 1),
            (TUESDAY, 0, 0, 0),
        ]

    async def test_only_the_days_and_departments_asked_for_are_told(self, days: DepartmentDays):
        asked = [(STREETS, MONDAY), (STREETS, TUESDAY), (STREETS, WEDNESDAY), (SOCIAL, TUESDAY)]
        await days.put([department_day(*each) for each in asked])
        found = await days.of([STREETS, DepartmentId("none")], start_of_day(TUESDAY), start_of_day(WEDNESDAY))
        assert [(each.department, each.day) for each in found] == [(STREETS, TUESDAY)]
        assert await days.of([], start_of_day(MONDAY), start_of_day(WEDNESDAY)) == []

    async def test_the_earliest_day_of_a_department_is_found(self, days: DepartmentDays):
        assert await days.first(STREETS) is None
        asked = [(STREETS, WEDNESDAY), (STREETS, TUESDAY), (SOCIAL, MONDAY)]
        await days.put([department_day(*each) for each in asked])
        first = await days.first(STREETS)
        assert first is not None
        assert first.day == TUESDAY

    async def test_clocks_that_ended_are_kept_beside_what_was_counted(self, days: DepartmentDays):
        await days.put_ended(STREETS, {})
        await days.put_ended(STREETS, {MONDAY: {"are:met": 2, "aee:met": 1}, TUESDAY: {}})
        await days.put([department_day(STREETS, MONDAY, received=3)])
        span = start_of_day(MONDAY), start_of_day(WEDNESDAY)
        [found] = await days.of([STREETS], *span)
        assert (found.received, found.ended) == (3, {"are:met": 2, "aee:met": 1}), "no day is kept for none"
        await days.put_ended(STREETS, {MONDAY: {"are:met-late": 1}})
        [found] = await days.of([STREETS], *span)
        assert (found.received, found.ended) == (3, {"are:met-late": 1})
        await days.put_ended(STREETS, {MONDAY: {}})
        assert [(each.received, each.ended) for each in await days.of([STREETS], *span)] == [(3, {})]

    async def test_a_day_that_only_a_clock_ended_on_is_none_that_was_counted(self, days: DepartmentDays):
        await days.put([department_day(STREETS, TUESDAY)])
        await days.put_ended(STREETS, {MONDAY: {"are:met": 1}, TUESDAY: {"aee:met": 1}})
        found = await days.of([STREETS], start_of_day(MONDAY), start_of_day(WEDNESDAY))
        assert [(each.day, each.is_counted) for each in found] == [(MONDAY, False), (TUESDAY, True)]
        first = await days.first(STREETS)
        assert first is not None
        assert first.day == TUESDAY, "what lies before was not quiet, it is not known"


class TestInMemoryDepartmentDays(DepartmentDaysSuite):
    @pytest.fixture
    def days(self) -> DepartmentDays:
        return InMemoryDepartmentDays()


@pytest.mark.real
class TestMongoDepartmentDays(DepartmentDaysSuite):
    @pytest.fixture
    def days(self, mongo_server, mongo_database) -> DepartmentDays:
        return MongoDepartmentDays(
            connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
        )
