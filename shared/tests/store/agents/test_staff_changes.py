"""A change of the staff: in the trail before it is made, told to the router, and the last administrator stays."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from guichet.errors import TransientError
from guichet.ids import AgentId
from guichet.store.agents.staff import StaffEntry, entry_of
from guichet.store.agents.staff_changes import OVERTAKEN, StaffChanges
from guichet.store.audit.trail import Act, AuditEntry
from guichet.town.staff.faults import Wrong
from guichet.town.staff.overlay import Overlay, StaffKind
from guichet.town.town import Town
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.example_town import the_example_town
from guichet_testing.twins.store.agents.rights import InMemoryAgentRights
from guichet_testing.twins.store.agents.sessions import InMemorySessions
from guichet_testing.twins.store.agents.staff import InMemoryStaff
from guichet_testing.twins.store.audit import InMemoryAuditTrail

BY, KARIM, HELENE = AgentId("somebody"), AgentId("agent-12"), AgentId("agent-19")


class Meanwhile(InMemoryStaff):
    """Somebody else does something just before a write."""

    def __init__(self, deed: Callable[[InMemoryStaff], Awaitable[object]]) -> None:
        super().__init__()
        self._deed: Callable[[InMemoryStaff], Awaitable[object]] | None = deed

    async def put(self, entry: StaffEntry, *, over: StaffEntry | None) -> bool:
        deed, self._deed = self._deed, None
        if deed is not None:
            await deed(self)
        return await super().put(entry, over=over)


class AwayTrail(InMemoryAuditTrail):
    async def record(self, *entries: AuditEntry) -> None:
        raise TransientError("MongoDB: away")


def with_administrators(*agents: AgentId) -> Town:
    town = the_example_town()
    named = tuple(
        each.model_copy(update={"profile": "responsable"}) if each.agent_id in agents else each for each in town.agents
    )
    return replace(town, staff=replace(town.staff, agents=named))


def changes(town: Town, entries: InMemoryStaff, audit: InMemoryAuditTrail | None = None) -> StaffChanges:
    return StaffChanges(
        town=town,
        entries=entries,
        rights=InMemoryAgentRights(),
        sessions=InMemorySessions(),
        audit=audit or InMemoryAuditTrail(),
        clock=lambda: ARRIVED,
    )


def agent(town: Town, agent_id: AgentId, **said: object) -> Overlay:
    known = town.agent(agent_id)
    assert known is not None
    return Overlay(StaffKind.AGENT, agent_id, known.model_copy(update=said))


def written(change: Overlay) -> StaffEntry:
    return entry_of(change, at=ARRIVED, by=None)


async def test_without_its_entry_in_the_trail_nothing_is_changed() -> None:
    town, entries = with_administrators(HELENE), InMemoryStaff()
    with pytest.raises(TransientError):
        await changes(town, entries, AwayTrail()).change(agent(town, KARIM, name="K."), read="", by=BY)
    assert entries.entries == {}


async def test_who_was_overtaken_while_writing_is_told() -> None:
    town = with_administrators(HELENE)
    other = written(agent(town, KARIM, name="Autre"))
    entries = Meanwhile(lambda store: InMemoryStaff.put(store, other, over=None))
    assert await changes(town, entries).change(agent(town, KARIM, name="K."), read="", by=BY) == [OVERTAKEN]
    assert entries.entries[other.entry_id] == other


@pytest.mark.parametrize("before", [None, "Karim H."])
async def test_of_two_who_take_away_the_last_two_administrators_at_once_one_is_undone(before: str | None) -> None:
    town = with_administrators(KARIM, HELENE)
    first = written(agent(town, KARIM, name=before)) if before else None
    other = written(agent(town, HELENE, profile="agent"))
    entries = Meanwhile(lambda store: InMemoryStaff.put(store, other, over=None))
    if first is not None:
        entries.entries[first.entry_id] = first
    mine = agent(town, KARIM, profile="agent")
    [fault] = await changes(town, entries).change(mine, read=first.version if first else "", by=BY)
    assert fault.what is Wrong.LAST_ADMINISTRATOR
    assert entries.entries == {each.entry_id: each for each in (first, other) if each is not None}


async def test_saving_again_lets_the_router_know_what_an_interruption_kept_from_it() -> None:
    town, entries = with_administrators(HELENE), InMemoryStaff()
    change = agent(town, KARIM, departments=("espaces-verts",))
    there = written(change)
    await entries.put(there, over=None)
    administration = changes(town, entries)
    assert await administration.rights.all() == []
    assert await administration.change(change, read=there.version, by=BY) == []
    [right] = (await administration.rights.of([KARIM]))[KARIM]
    assert [grant.departments for grant in right.grants or ()] == [("espaces-verts",)]


async def test_a_mapping_or_an_agent_that_was_never_changed_is_not_given_back() -> None:
    town, audit = with_administrators(HELENE), InMemoryAuditTrail()
    administration = changes(town, InMemoryStaff(), audit)
    assert await administration.give_back(StaffKind.AGENT, KARIM, read="", by=BY) == [OVERTAKEN]
    assert [entry for entry in audit.entries if entry.act is Act.STAFF_GIVEN_BACK] == []
