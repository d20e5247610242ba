"""Complete a change of the staff that was interrupted between the staff and the rights that the router goes by.

Whoever changes the staff records the rights in the same request. Where that process died, or the store went away in
between, the desk's pages go by the change and the router by what was before: so each process of the desk looks from
time to time, and records what is still to be recorded (docs/decisions/0060).
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from guichet.clock import Sleep
from guichet.runtime.rounds import in_rounds
from guichet.store.agents.deployed_rights import digest_of
from guichet.store.agents.rights import (
    AgentRights,
    Changes,
    changes,
    deployed_files,
    record_rights_as_they_change,
    wanted_rights,
)
from guichet.store.agents.staff import StaffStore, staff_now
from guichet.town.town import Town

log = structlog.get_logger()
EVERY: Final = timedelta(seconds=20)  # twice, so within a minute


@dataclass(kw_only=True)
class RightsCompletion:
    """Looks for what is still to be recorded. town: as its files say, which this process read when it began."""

    town: Town
    entries: StaffStore
    rights: AgentRights
    clock: Callable[[], datetime]
    sleep: Sleep
    _was_behind: bool = field(default=False, init=False)

    async def run(self) -> None:
        """Look, for as long as the process serves."""
        await in_rounds(self.look, EVERY, self.sleep, "rights of agents not looked at for now")

    async def look(self) -> Changes:
        """Record what was to be recorded at the last look already; return it. Raises TransientError.

        What is seen once may be a change that somebody is recording at this moment. A process that read other files
        than those that are deployed records nothing: it would undo what the deployment says, and that undo it again.
        """
        lasting = await self.rights.lasting()
        is_behind = changes(lasting, wanted_rights(await self._town_now()), self.clock()) != Changes()
        was_behind, self._was_behind = self._was_behind, is_behind
        if not (is_behind and was_behind):
            return Changes()
        if deployed_files(lasting or await self.rights.all()) != digest_of(self.town):
            return Changes()
        done = await record_rights_as_they_change(self.rights, self._town_now, self.clock())
        log.info("rights recorded that a change of the staff left", begun=len(done.begun), ended=len(done.ended))
        return done

    async def _town_now(self) -> Town:
        return replace(self.town, staff=await staff_now(self.town.staff, self.entries))
