"""A run on one machine whose disks fail: load, one trouble in the middle of it, the same verdicts at the end.

FAULTS_MESSAGES (1000) and FAULTS_SEED (chosen and printed) as for `make faults`. Exit status 0: every verdict holds;
1: one does not; 2: these disks cannot be made here; 130: interrupted.
"""

import asyncio
import logging
import os
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from guichet_testing.town.sandbox_client import SandboxClient
from guichet_testing.town.services import SANDBOX
from guichet_testing.town.town import town_of
from tests.faults.load.accepted import Accepted
from tests.faults.load.clients import Pace, send_all
from tests.faults.load.plan import Plan, PlanMaker
from tests.faults.playing import interruptible
from tests.faults.town.disk import can_mount
from tests.faults.town.one_machine import OneMachine
from tests.faults.town.town import TownStack
from tests.faults.trouble.chaos import Strike
from tests.faults.trouble.in_flight import Eyes
from tests.faults.verdicts.judging import judge_messages, judge_receipts, received
from tests.faults.verdicts.report import verdicts_table
from tests.faults.verdicts.verdicts import Verdict
from tests.faults.watching import until_quiet

USUAL: Final = 1000
QUIET_WITHIN: Final = timedelta(minutes=3)
AHEAD: Final = 0.1
NOT_HERE: Final = "This needs Linux, mkfs.ext4, and the right to mount a file system: run it as root."
Say = Callable[[str], None]


@dataclass
class Scene:
    """A run under way. strikes: filled by the trouble. verdicts: what the trouble itself must show."""

    machine: OneMachine
    plan: Plan
    sandbox: SandboxClient
    say: Say
    accepted: Accepted = field(default_factory=Accepted)
    pace: Pace = field(default_factory=lambda: Pace(ceiling=0.0))
    strikes: list[Strike] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    began: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def share(self) -> float:
        """How much of the plan is accepted, 0 to 1."""
        return len(self.accepted.numbers) / len(self.plan.sendings)

    @property
    def second(self) -> float:
        """Of the load."""
        return (datetime.now(UTC) - self.began).total_seconds()

    async def until_share(self, share: float) -> None:
        """Return when so much is accepted, at full load; AHEAD of it the clients go on in a trickle."""
        self.pace.ceiling = share + AHEAD
        while self.share < share:  # noqa: ASYNC110  looked at, not told
            await asyncio.sleep(0.02)


Trouble = Callable[[Scene], Awaitable[None]]


@dataclass(frozen=True)
class Variant:
    """shared_disk: one disk for all of the town's data, or one for each server."""

    name: str
    trouble: Trouble
    shared_disk: bool


def main(variant: Variant) -> int:
    """Run it in a folder of its own; keep that folder when something is wrong."""
    if not can_mount():
        _say(NOT_HERE)
        return 2
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # the broker goes away here, that is no news
    seed = int(os.environ.get("FAULTS_SEED") or secrets.randbelow(10**6))
    messages = int(os.environ.get("FAULTS_MESSAGES") or USUAL)
    _say(f"{variant.name}: seed {seed}, {messages} messages (FAULTS_SEED, FAULTS_MESSAGES)")
    folder, began = Path(tempfile.mkdtemp(prefix="guichet-faults-")), time.monotonic()
    judged = play(variant, folder, seed, messages)
    _say(verdicts_table(judged))
    _say(f"{time.monotonic() - began:.0f} s in all")
    holds = all(verdict.holds for verdict in judged)
    shutil.rmtree(folder) if holds else _say(f"Logs stay in {folder}")
    return 0 if holds else 1


def play(variant: Variant, folder: Path, seed: int, messages: int) -> list[Verdict]:
    """Return the verdicts. Nothing is left running or mounted, whatever happens."""
    town = TownStack.on_one_machine(folder, messages, _say)
    with interruptible():
        machine = OneMachine.of(town, shared=variant.shared_disk)
        try:
            town.stack.up()
            for disk in set(machine.disks.values()):
                disk.flush()  # installed long ago
            return asyncio.run(_play(variant, machine, seed, messages))
        finally:
            machine.end()


async def _play(variant: Variant, machine: OneMachine, seed: int, messages: int) -> list[Verdict]:
    town = machine.town
    plan = PlanMaker(seed, town.names).make(messages)
    async with SandboxClient(town.stack.addresses[SANDBOX]) as sandbox:
        await sandbox.open_chats(plan.chats)
        scene = Scene(machine, plan, sandbox, _say)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(send_all(plan, town.doors, scene.accepted, scene.pace, lambda: scene.share))
            await variant.trouble(scene)
            scene.pace.ceiling = 1.0
        _say("waiting until all is quiet")
        async with town_of(town.stack) as seen, Eyes(seen) as eyes:
            is_quiet = await until_quiet(eyes, QUIET_WITHIN, _say)
            done = Verdict("everything is done in time", "", () if is_quiet else ("something is left",))
            messages_judged = await judge_messages(eyes, [plan], scene.accepted)
            entries = await received(sandbox, town.on_call)
            receipts_judged, _ = await judge_receipts(eyes, entries, scene.began, scene.strikes)
        return [*scene.verdicts, done, *messages_judged, *receipts_judged]


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
