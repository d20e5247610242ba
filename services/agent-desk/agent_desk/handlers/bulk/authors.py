"""Who gave a bulk act, with the rights that they have by now: their session may be over."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.staff.disabled import is_disabled
from agent_desk.handlers.staff.staff_directory import StaffDirectory
from guichet.ids import AgentId
from guichet.law.calendar import paris_date
from guichet.store.agents.accounts import AgentAccounts


@dataclass(frozen=True)
class AuthorsNow:
    """clock: aware UTC."""

    staff: StaffDirectory
    accounts: AgentAccounts
    clock: Callable[[], datetime]

    async def of(self, agent_id: AgentId) -> Visitor | None:
        """Return who they are today; None where they work for the town no longer, or their account is disabled.

        Raises TransientError.
        """
        if await is_disabled(self.accounts, agent_id):
            return None
        staff, day = await self.staff.now(), paris_date(self.clock())
        agent = staff.by_id.get(agent_id)
        if agent is None or not agent.works_on(day):
            return None
        return Visitor(
            agent=agent,
            scope=self.staff.scopes.of(agent, staff, day),
            session_id="",
            form_token="",
            language="fr",
            colleagues=staff.names,
            capacities=staff.capacities,
            handles=staff.handles,
        )
