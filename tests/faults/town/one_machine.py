"""A town on one machine: one broker, one mongod, one process of each service; the data on disks that can fail.

The disks hold what Kafka, MongoDB and the object store write; logs and secrets lie beside them. The citizens' phones and
mailboxes, which the sandbox plays, are another place and keep their power.
"""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from guichet_local.plan.ports import KAFKA, MONGODB
from tests.faults.town.disk import LoopDisk
from tests.faults.town.town import TownStack

ELSEWHERE: Final = "citizen-sandbox"
ROOM: Final = 3 << 30  # bytes of a disk; the image is sparse
OBJECTS: Final = "objects"
_FROZEN_WITHIN: Final = 10.0


@dataclass
class OneMachine:
    """town: the stack. disks: by the name of what writes to it; several may share one."""

    town: TownStack
    disks: dict[str, LoopDisk]

    @classmethod
    def of(cls, town: TownStack, shared: bool) -> "OneMachine":
        """Return it with its disks mounted, not started. shared: one disk for all data, or one for each server."""
        folder = town.stack.folder
        folder.mkdir(parents=True, exist_ok=True)
        machine, made = cls(town, {}), dict[str, LoopDisk]()
        try:
            for name in (KAFKA, MONGODB, OBJECTS):
                which = "all" if shared else name
                if which not in made:
                    made[which] = LoopDisk(folder / f"{which}.img", folder / f"disk-{which}", ROOM)
                    machine.disks[name] = made[which]
                    made[which].make()
                machine.disks[name] = made[which]
                place = folder / f"disk-{which}" / name
                place.mkdir(mode=0o700)
                (folder / name).symlink_to(place)
        except BaseException:
            machine.end()
            raise
        return machine

    @property
    def services(self) -> list[str]:
        """Return every process of the town's but its servers."""
        names = [state.name for state in self.town.stack.supervisor.states()]
        return [name for name in names if name not in {KAFKA, MONGODB, ELSEWHERE}]

    async def cut_power(self) -> bool:
        """End every process of the town at one moment, and leave on the disk what was flushed by then.

        The servers are frozen while their disk is copied: what they confirmed they confirmed before it. Returns whether
        the disk has lost what was written just before and not flushed, which is the control.
        """
        [disk] = set(self.disks.values())
        copy = self.town.stack.folder / "cut.img"
        pids = {state.name: state.pid for state in self.town.stack.supervisor.states() if state.pid}
        frozen = [pids[KAFKA], pids[MONGODB]]
        _send(signal.SIGSTOP, frozen)
        await asyncio.to_thread(_until_frozen, frozen)
        await asyncio.to_thread(disk.write_unflushed)
        await asyncio.to_thread(disk.copy, copy)
        services = self.services
        await self._end(services, [pids[name] for name in services if name in pids])
        await self._end([KAFKA, MONGODB], frozen)
        await asyncio.to_thread(disk.become, copy)
        return not await asyncio.to_thread(disk.kept_unflushed)

    async def _end(self, names: Iterable[str], pids: Iterable[int]) -> None:
        """SIGKILL, and stay away."""
        ending = asyncio.create_task(asyncio.to_thread(self.town.stack.supervisor.end, *names))
        await asyncio.sleep(0.3)  # the supervisor was told first, and starts none of them again
        _send(signal.SIGKILL, pids)
        await ending

    async def power_returns(self, before_services: Callable[[], None]) -> None:
        """Start the servers, then the services."""
        for name in (MONGODB, KAFKA):
            await asyncio.to_thread(self.town.stack.start, name)
        await asyncio.to_thread(before_services)
        await asyncio.gather(*(asyncio.to_thread(self.town.stack.start, name) for name in self.services))

    def end(self) -> None:
        """End the town and unmount its disks. Safe to call twice."""
        self.town.stack.down()
        for disk in set(self.disks.values()):
            disk.unmount()


def _send(number: signal.Signals, pids: Iterable[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _until_frozen(pids: Iterable[int]) -> None:
    """Return when no thread of these processes runs or waits for the disk."""
    threads = [Path(f"/proc/{pid}/task/{thread.id}/stat") for pid in pids for thread in psutil.Process(pid).threads()]
    end = time.monotonic() + _FROZEN_WITHIN
    while not all(map(_is_frozen, threads)):
        if time.monotonic() > end:
            raise TimeoutError("a server could not be frozen")
        time.sleep(0.01)


def _is_frozen(thread: Path) -> bool:
    try:
        return thread.read_text().rpartition(")")[2].split()[0] in "Tt"
    except (FileNotFoundError, ProcessLookupError):
        return True  # it ended
