"""One suite for what was changed of the staff, and its twin."""

from datetime import timedelta

import pytest

from guichet.ids import AgentId
from guichet.mongo.client import Database
from guichet.store.agents.staff import MongoStaff, StaffEntry, StaffStore, entry_of
from guichet.town.organisation import Unit
from guichet.town.staff.agents import Agent, VouchedAddress
from guichet.town.staff.overlay import Overlay, StaffKind
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.agents.staff import InMemoryStaff

LEA = Agent(agent_id="lea", name="Léa Roche", sign_in="lea.roche", departments=("voirie",), ends=ARRIVED.date())
UNIT = Unit(label="Services techniques", departments=("voirie",))


def an_entry(value: Agent | Unit | None = LEA, *, key: str = "lea", hours: int = 0) -> StaffEntry:
    kind = StaffKind.UNIT if isinstance(value, Unit) else StaffKind.AGENT
    return entry_of(Overlay(kind, key, value), at=ARRIVED + timedelta(hours=hours), by=AgentId("max"))


class StaffSuite:
    async def test_what_was_changed_is_read_as_it_was_written(self, staff: StaffStore) -> None:
        written = [an_entry(), an_entry(UNIT, key="technique"), an_entry(None, key="tom")]
        assert all([await staff.put(entry, over=None) for entry in written])
        read = await staff.all()
        assert [entry.overlay for entry in read] == [
            Overlay(StaffKind.AGENT, "lea", LEA),
            Overlay(StaffKind.AGENT, "tom", None),
            Overlay(StaffKind.UNIT, "technique", UNIT),
        ]
        assert (read[0].changed_at, read[0].changed_by) == (ARRIVED, "max")

    async def test_of_two_who_change_the_same_one_is_told(self, staff: StaffStore) -> None:
        first, second = an_entry(), an_entry(LEA.model_copy(update={"name": "Léa Roche-Morel"}), hours=1)
        assert await staff.put(first, over=None)
        assert not await staff.put(second, over=None)
        assert await staff.put(second, over=first)
        assert not await staff.put(an_entry(None), over=first)
        assert not await staff.remove(first)
        assert await staff.all() == [second]

    async def test_what_is_given_back_is_no_more_and_comes_back_as_another(self, staff: StaffStore) -> None:
        first, again = an_entry(), an_entry()
        await staff.put(first, over=None)
        assert await staff.remove(first)
        assert await staff.all() == []
        assert not await staff.put(again, over=first)
        assert await staff.put(again, over=None)
        assert not await staff.remove(first)

    async def test_an_older_desk_reads_who_has_an_address_without_it(self, staff: StaffStore) -> None:
        vouched = VouchedAddress(address="lea@mairie.example", on=ARRIVED.date())
        reachable = LEA.model_copy(update={"work_email": "lea@mairie.example", "vouched": vouched})
        assert await staff.put(an_entry(reachable), over=None)
        [entry] = await staff.all()
        assert entry.overlay.value == reachable
        assert not {"work_email", "vouched"} & {*(entry.said or {})}, "an older one takes whom it cannot read for gone"
        written_by_an_older_desk = entry.model_copy(update={"later": {}})
        assert await staff.put(written_by_an_older_desk, over=entry)
        assert [each.overlay.value for each in await staff.all()] == [LEA]

    async def test_what_nobody_can_read_is_no_more(self, staff: StaffStore) -> None:
        for said in ({"agent_id": "lea"}, LEA.model_dump(mode="json") | {"agent_id": "tom"}, {"may": "everything"}):
            entry = an_entry(None).model_copy(update={"said": said})
            await staff.put(entry, over=next(iter(await staff.all()), None))
            assert [each.overlay.value for each in await staff.all()] == [None]


class TestInMemoryStaff(StaffSuite):
    @pytest.fixture
    def staff(self) -> StaffStore:
        return InMemoryStaff()


@pytest.mark.real
class TestMongoStaff(StaffSuite):
    @pytest.fixture
    def staff(self, database: Database) -> StaffStore:
        return MongoStaff(database)
