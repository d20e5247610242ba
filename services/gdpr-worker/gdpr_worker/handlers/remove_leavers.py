"""Takes away what is left of agents who work for the town no more: account, preferences, what they saved."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime

import structlog

from gdpr_worker.domain.who_left import who_left
from gdpr_worker.handlers.erase_person import BY
from guichet.errors import SettingsError
from guichet.ids import AgentId, KeyId
from guichet.mongo.ended import Ended
from guichet.store.agents.deployed_rights import digest_of
from guichet.store.agents.leavers import LeftBehind
from guichet.store.agents.rights import AgentRights, deployed_files
from guichet.store.agents.staff import StaffStore
from guichet.store.audit.trail import Act, AuditEntry, AuditTrail
from guichet.town.staff.overlay import merged
from guichet.town.town import Town

log = structlog.get_logger()


@dataclass(frozen=True)
class Leavers(Ended):
    """Agents who left long enough ago. files: the town as its files say it, read anew. destroy: keys, for good."""

    left_behind: LeftBehind
    rights: AgentRights
    files: Callable[[], Town]
    entries: StaffStore
    audit: AuditTrail
    destroy: Callable[[Collection[KeyId]], Awaitable[None]]

    async def remove(self, now: datetime) -> dict[str, int]:
        """Remove it, and return how many documents of each collection. now: aware UTC. Raises TransientError.

        Who left is looked at once more just before: somebody may have come back meanwhile. Then keys first: whoever is
        killed in between finds the account again, which opens with no second factor by then, and for nobody, since
        nothing is assigned to its agent.
        """
        found = await self.left_behind.whose(await self._who_left(now))
        left = sorted(found & await self._who_left(now)) if found else []
        if not left:
            return {}
        noted = AuditEntry(at=now, agent=BY, act=Act.LEAVERS_REMOVED, thing="account", things=tuple(left))
        await self.audit.record(noted)
        await self.destroy(await self.left_behind.secrets_of(left))
        return await self.left_behind.remove(left, now)

    async def _who_left(self, now: datetime) -> frozenset[AgentId]:
        """Return nobody where other files are deployed than lie here: who came back may stand in those alone."""
        try:
            town = await asyncio.to_thread(self.files)
        except SettingsError as exc:
            log.warning("who left is told another day: the town's files cannot be read", error=type(exc).__name__)
            return frozenset()
        rights = await self.rights.all()  # before the staff: whoever takes somebody on writes that first
        if deployed_files(rights) != digest_of(town):
            log.warning("who left is told another day: other files are deployed than lie here")
            return frozenset()
        entries = await self.entries.all()
        return who_left(rights, entries, merged(town.staff, [entry.overlay for entry in entries]), now)
