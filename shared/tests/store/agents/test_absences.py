"""One suite for absences, on the twin and on the real MongoDB."""

from datetime import timedelta

import pytest

from guichet.ids import AgentId
from guichet.mongo.client import connect
from guichet.runtime.settings import MongoSettings
from guichet.store.agents.absences import Absence, Absences, MongoAbsences
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.agents.absences import InMemoryAbsences

DAY = timedelta(days=1)
LEA, KARIM = AgentId("lea"), AgentId("karim")


def an_absence(agent: AgentId = LEA, first: int = 0, last: int = 1, **more: object) -> Absence:
    """Return one from and to a number of days after ARRIVED."""
    said = {
        "_id": f"{agent} {first}",
        "agent": agent,
        "begins": ARRIVED + first * DAY,
        "ends": ARRIVED + last * DAY,
        "stated_by": agent,
        **more,
    }
    return Absence.model_validate(said)


class AbsencesSuite:
    async def test_those_that_hold_and_are_to_come_are_read_in_order(self, absences: Absences):
        over, long, short = an_absence(first=-3, last=0), an_absence(first=-1, last=9), an_absence(KARIM, 2, 3)
        for each in (short, over, long):
            await absences.insert(each)
        assert await absences.not_over(ARRIVED) == [long, short]
        assert await absences.of_agent(KARIM, ARRIVED) == [short]
        assert await absences.of_agent(LEA, ARRIVED + 9 * DAY) == []
        assert (long.holds(ARRIVED), over.holds(ARRIVED), short.holds(ARRIVED)) == (True, False, False)

    async def test_what_is_stated_twice_is_one(self, absences: Absences):
        for last in (1, 2):
            await absences.insert(an_absence(last=last))
        assert await absences.not_over(ARRIVED) == [an_absence(last=1)]

    async def test_nobody_forgets_anothers(self, absences: Absences):
        hers = an_absence(stand_in=KARIM)
        await absences.insert(hers)
        assert not await absences.remove(KARIM, hers.absence_id)
        assert await absences.remove(LEA, hers.absence_id)
        assert not await absences.remove(LEA, hers.absence_id)
        assert await absences.not_over(ARRIVED) == []


class TestInMemoryAbsences(AbsencesSuite):
    @pytest.fixture
    def absences(self) -> Absences:
        return InMemoryAbsences()


@pytest.mark.real
class TestMongoAbsences(AbsencesSuite):
    @pytest.fixture
    async def absences(self, mongo_server, mongo_database) -> Absences:
        return MongoAbsences(connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database)))
