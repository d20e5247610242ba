"""The members of the replica set: who leads, who follows, whether all are well. Asked of the set itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from guichet.mongo.client import Database

_WELL: Final = {1, 2}  # MemberState: PRIMARY, SECONDARY
NOT_ELECTABLE_FOR: Final = timedelta(seconds=20)  # by then another leads
CATCHES_UP_WITHIN: Final = timedelta(seconds=5)


@dataclass(frozen=True)
class Members:
    """names: of each part of the stack, by its port."""

    database: Database
    names: Mapping[int, str]

    async def leader(self) -> str:
        """Return who takes the writes."""
        return self._name((await self._admin("hello"))["me"])

    async def follower(self) -> str:
        """Return one who follows."""
        hello = await self._admin("hello")
        return next(self._name(host) for host in hello["hosts"] if host != hello["me"])

    async def are_well(self) -> int:
        """Return 1 when each leads or follows."""
        status = await self._admin("replSetGetStatus")
        return int(len(status["members"]) == len(self.names) and {each["state"] for each in status["members"]} == _WELL)

    async def step_down(self) -> bool:
        """Let the leader leave its place to another that has caught up. Raises what the driver says if none has."""
        command = {
            "replSetStepDown": NOT_ELECTABLE_FOR // timedelta(seconds=1),
            "secondaryCatchUpPeriodSecs": CATCHES_UP_WITHIN // timedelta(seconds=1),
        }
        await self._admin(command)
        return True

    async def _admin(self, command: str | dict[str, Any]) -> dict[str, Any]:
        return await self.database.client.admin.command(command)

    def _name(self, host: str) -> str:
        return self.names[int(host.rpartition(":")[2])]
