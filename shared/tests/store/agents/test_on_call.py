"""One suite for the rota of who is on call, on the twin and on the real MongoDB."""

import asyncio
from datetime import timedelta

import pytest

from guichet.ids import AgentId, DepartmentId
from guichet.mongo.client import connect
from guichet.runtime.settings import MongoSettings
from guichet.store.agents.on_call import MongoOnCallRota, OnCall, OnCallRota
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.agents.on_call import InMemoryOnCallRota

DAY = timedelta(days=1)
STREETS = DepartmentId("voirie")


def a_period(first: int = 0, last: int = 1, department: DepartmentId | None = STREETS) -> OnCall:
    """Return one from and to a number of days after ARRIVED."""
    return OnCall(
        _id=f"{department} {first}",
        department=department,
        agent=AgentId("lea"),
        begins=ARRIVED + first * DAY,
        ends=ARRIVED + last * DAY,
        stated_by=AgentId("ines"),
    )


class OnCallSuite:
    async def test_those_that_hold_and_are_to_come_are_read_in_order(self, rota: OnCallRota):
        over, long, short = a_period(-3, 0), a_period(-1, 9, None), a_period(2, 3)
        for each in (short, over, long):
            await rota.insert(each)
        assert await rota.not_over([STREETS, None], ARRIVED) == [long, short]
        assert await rota.not_over([STREETS], ARRIVED) == [short]
        assert await rota.between([STREETS, None], ARRIVED, ARRIVED) == [long]
        assert await rota.between([STREETS, None], ARRIVED - DAY, ARRIVED) == [over, long]
        assert await rota.between([STREETS, None], ARRIVED, ARRIVED + 2 * DAY) == [long, short]
        assert await rota.between([None], ARRIVED + 9 * DAY, ARRIVED + 10 * DAY) == []

    async def test_of_one_department_all_are_read_whatever_others_have(self, rota: OnCallRota):
        await asyncio.gather(*(rota.insert(a_period(first, 40)) for first in range(30)))
        await rota.insert(a_period(department=None))
        assert [each.department for each in await rota.not_over([None], ARRIVED)] == [None]
        assert len(await rota.not_over([STREETS], ARRIVED)) == 30

    async def test_what_is_stated_twice_is_one_and_nobody_forgets_another_departments(self, rota: OnCallRota):
        for last in (1, 2):
            await rota.insert(a_period(last=last))
        [there] = await rota.not_over([STREETS, None], ARRIVED)
        assert there == a_period(last=1)
        assert not await rota.remove(None, there.period_id)
        assert await rota.remove(STREETS, there.period_id)
        assert not await rota.remove(STREETS, there.period_id)


class TestInMemoryOnCallRota(OnCallSuite):
    @pytest.fixture
    def rota(self) -> OnCallRota:
        return InMemoryOnCallRota()


@pytest.mark.real
class TestMongoOnCallRota(OnCallSuite):
    @pytest.fixture
    async def rota(self, mongo_server, mongo_database) -> OnCallRota:
        return MongoOnCallRota(connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database)))
