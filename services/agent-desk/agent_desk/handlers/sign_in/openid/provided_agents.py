"""The agents whom the identity provider vouches for, as they are written down; their rights follow."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from agent_desk.handlers.staff.staff_directory import StaffDirectory
from guichet.errors import TransientError
from guichet.ids import AgentId
from guichet.store.agents.rights import AgentRights, record_rights_as_they_change
from guichet.store.agents.sessions import Sessions
from guichet.store.agents.staff import StaffEntry, StaffStore, entry_id, entry_of, staff_now
from guichet.store.audit.trail import Act, AuditTrail, with_own_account
from guichet.town.staff.agents import Agent
from guichet.town.staff.overlay import Overlay, StaffKind
from guichet.town.town import Town


class ProvidedAgents:
    """Reads and writes them. Every method raises TransientError."""

    def __init__(
        self,
        *,
        town: Town,
        staff: StaffDirectory,
        store: StaffStore,
        rights: AgentRights,
        sessions: Sessions,
        audit: AuditTrail,
        clock: Callable[[], datetime],
    ) -> None:
        self.staff = staff
        self._town = town
        self._store = store
        self._rights = rights
        self._sessions = sessions
        self._audit = audit
        self._clock = clock

    async def entry_of(self, agent: AgentId) -> StaffEntry | None:
        """Return what is written of an agent, from the store itself; its value is None where they were taken off."""
        wanted = entry_id(StaffKind.AGENT, agent)
        return next((entry for entry in await self._store.all() if entry.entry_id == wanted), None)

    async def write(self, agent: Agent, over: StaffEntry | None) -> None:
        """Write an agent down in place of what was read, and end the sessions that showed what other claims did.

        Raises TransientError, too, where somebody else changed them meanwhile.
        """
        now, known = self._clock(), agent_in(over)
        act = Act.AGENT_PROVISIONED if known is None else Act.AGENT_CHANGED
        await self._audit.record(with_own_account(act, agent.agent_id, now))
        entry = entry_of(Overlay(StaffKind.AGENT, agent.agent_id, agent), at=now, by=agent.agent_id)
        if not await self._store.put(entry, over=over):
            raise TransientError("an agent who signs in was changed at the same moment")
        await self.staff.forget()
        await record_rights_as_they_change(self._rights, self._town_now, now)
        if known is not None and known.identity != agent.identity:
            await self._sessions.end_all(agent.agent_id)

    async def _town_now(self) -> Town:
        return replace(self._town, staff=await staff_now(self._town.staff, self._store))


def agent_in(entry: StaffEntry | None) -> Agent | None:
    """Return the agent whom an entry writes down; None where it says that they are no more."""
    value = entry.overlay.value if entry is not None else None
    return value if isinstance(value, Agent) else None
