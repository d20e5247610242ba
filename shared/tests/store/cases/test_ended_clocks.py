"""One suite for how clocks ended, on the twin and on the real MongoDB."""

from datetime import date

import pytest

from guichet.case.record import CaseRecord, CountedClock
from guichet.ids import DepartmentId
from guichet.law.calendar import start_of_day
from guichet.mongo.client import Database
from guichet.store.cases.ended_clocks import EndedClocks, MongoEndedClocks
from guichet.store.cases.store import MongoCaseStore
from guichet_testing.builders.case import a_case
from guichet_testing.twins.store.cases.ended_clocks import InMemoryEndedClocks
from guichet_testing.twins.store.cases.store import InMemoryCaseStore

STREETS, SOCIAL = DepartmentId("voirie"), DepartmentId("ccas")
MONDAY, TUESDAY, WEDNESDAY = (date(2026, 7, day) for day in (6, 7, 8))  # each begins at 22:00 UTC of the day before


def counted(clock: str, outcome: str, day: date, department: DepartmentId = STREETS) -> CountedClock:
    return CountedClock(clock=clock, outcome=outcome, day_begins=start_of_day(day), department=department)


CASES: list[CaseRecord] = [
    a_case("a", ended_clocks=(counted("aee", "met", MONDAY), counted("are", "not-met", TUESDAY))),
    a_case("b", ended_clocks=(counted("aee", "met", MONDAY), counted("are", "met", MONDAY, SOCIAL))),
    a_case("c", ended_clocks=(counted("aee", "met", WEDNESDAY), counted("closing", "met", MONDAY, SOCIAL))),
    a_case("d", ended_clocks=()),
    a_case("e"),
]


class EndedClocksSuite:
    async def test_each_is_counted_on_its_day_in_its_department(self, ended: EndedClocks):
        found = await ended.count(STREETS, start_of_day(MONDAY), start_of_day(WEDNESDAY))
        assert found == {(MONDAY, "aee", "met"): 2, (TUESDAY, "are", "not-met"): 1}
        assert await ended.count(SOCIAL, start_of_day(MONDAY), start_of_day(TUESDAY)) == {
            (MONDAY, "are", "met"): 1,
            (MONDAY, "closing", "met"): 1,
        }
        assert await ended.count(SOCIAL, start_of_day(TUESDAY), start_of_day(WEDNESDAY)) == {}


class TestInMemoryEndedClocks(EndedClocksSuite):
    @pytest.fixture
    async def ended(self) -> EndedClocks:
        cases = InMemoryCaseStore()
        await cases.insert_new(CASES)
        return InMemoryEndedClocks(cases)


@pytest.mark.real
class TestMongoEndedClocks(EndedClocksSuite):
    @pytest.fixture
    async def ended(self, database: Database) -> EndedClocks:
        await MongoCaseStore(database).insert_new(CASES)
        return MongoEndedClocks(database)
