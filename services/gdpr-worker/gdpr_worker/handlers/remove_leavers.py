"""Takes away what is left of agents who work for the town no more: account, preferences, what they saved."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from gdpr_worker.domain.who_left import who_left
from gdpr_worker.handlers.erase_person import BY
from guichet.ids import KeyId
from guichet.mongo.ended import Ended
from guichet.store.agents.leavers import LeftBehind
from guichet.store.agents.rights import AgentRights
from guichet.store.agents.staff import StaffStore, staff_now
from guichet.store.audit.trail import Act, AuditEntry, AuditTrail
from guichet.town.staff.staff import Staff


@dataclass(frozen=True)
class Leavers(Ended):
    """Agents who left long enough ago. files: the staff as the town's files say it. destroy: keys, for good."""

    left_behind: LeftBehind
    rights: AgentRights
    files: Staff
    entries: StaffStore
    audit: AuditTrail
    destroy: Callable[[Collection[KeyId]], Awaitable[None]]

    async def remove(self, now: datetime) -> dict[str, int]:
        """Remove it, and return how many documents of each collection. now: aware UTC. Raises TransientError.

        Keys first: whoever is killed in between finds the account again, which opens with no second factor by then,
        and for nobody, since nothing is assigned to its agent.
        """
        staff = await staff_now(self.files, self.entries)
        left = sorted(await self.left_behind.whose(who_left(await self.rights.all(), staff, now)))
        if not left:
            return {}
        noted = AuditEntry(at=now, agent=BY, act=Act.LEAVERS_REMOVED, thing="account", things=tuple(left))
        await self.audit.record(noted)
        await self.destroy(await self.left_behind.secrets_of(left))
        return await self.left_behind.remove(left, now)
