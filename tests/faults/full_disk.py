"""`python -m tests.faults.full_disk`: what `make full-disk` runs. Kafka's disk fills up, then MongoDB's.

The town must say so, refuse what it cannot keep (451, 503), go on by itself once there is room, and lose nothing.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic
from typing import Final

import httpx

from citizen_sandbox.play.entry import Direction
from guichet.runtime.overview import Overview
from guichet.runtime.telemetry.alarms import Alarm
from guichet_local.plan.ports import KAFKA, MONGODB
from tests.faults.variant import Scene, Variant, main
from tests.faults.verdicts.verdicts import Verdict

FILLED_AT: Final = {KAFKA: 0.2, MONGODB: 0.6}  # shares of the messages
# As the console names it: the vault is a database of the store, and each worker asks for it.
PARTS: Final = {KAFKA: frozenset({"kafka"}), MONGODB: frozenset({"mongodb", "vault"})}
TOLD_WITHIN, BACK_WITHIN, REFUSED_WITHIN = 60.0, 150.0, 60.0  # seconds
REFUSALS: Final = ("451", "503")
STAYS_FULL: Final = 10.0


@dataclass
class Filled:
    """What was seen of one full disk, in seconds after it was full, and after there was room. None: not in time."""

    server: str
    told_s: float | None = None
    on_call_s: float | None = None
    back_s: float | None = None
    refused: int = 0


async def fill_and_make_room(scene: Scene) -> None:
    """Fill one disk after the other; make room once it was told, and go on once that was seen."""
    seen = []
    async with httpx.AsyncClient(trust_env=False, timeout=5.0) as http:
        for server, share in FILLED_AT.items():
            await scene.until_share(share)
            scene.say(f"the disk of {server} fills up")
            seen.append(await _fill(scene, server, http))
            scene.say(str(seen[-1]))
    scene.verdicts += [is_told(seen), is_refused(seen), is_resumed(seen)]


async def _fill(scene: Scene, server: str, http: httpx.AsyncClient) -> Filled:
    filled, disk, before = Filled(server), scene.machine.disks[server], _refusals(scene)
    await asyncio.to_thread(disk.fill)
    stays_full = asyncio.create_task(_again_and_again(lambda: asyncio.to_thread(disk.fill)))
    try:
        filled.told_s = await _seconds_until(lambda: _holds(scene, http, server), TOLD_WITHIN)
        filled.on_call_s = await _seconds_until(lambda: _on_call_knows(scene, server), TOLD_WITHIN)
        if server == KAFKA:
            await _seconds_until(lambda: _true(_refusals(scene) > before), REFUSED_WITHIN)
        await asyncio.sleep(STAYS_FULL)
        filled.refused = _refusals(scene) - before
    finally:
        stays_full.cancel()
        await asyncio.wait([stays_full])
        await asyncio.to_thread(disk.make_room)
    scene.say("there is room again")
    filled.back_s = await _seconds_until(lambda: _holds(scene, http, server, cleared=True), BACK_WITHIN)
    return filled


async def _again_and_again(fill: Callable[[], Awaitable[None]]) -> None:
    """A server that ends gives some room back, which others on that disk would take."""
    while True:
        await fill()
        await asyncio.sleep(0.5)


async def _holds(scene: Scene, http: httpx.AsyncClient, server: str, *, cleared: bool = False) -> bool:
    """Return whether the console holds an alarm about this server, or no longer does."""
    try:
        answer = await http.get(f"{scene.machine.town.stack.addresses['ops-console']}/api/overview")
        overview = Overview.model_validate_json(answer.raise_for_status().content)
    except httpx.HTTPError:
        return False
    away = {each.cause for each in overview.alarms if each.alarm == Alarm.PART_AWAY}
    return cleared != bool(away & PARTS[server])


async def _on_call_knows(scene: Scene, server: str) -> bool:
    """Return whether a mail to whoever is on call names it."""
    found = await scene.sandbox.entries(direction=Direction.RECEIVED)
    on_call = scene.machine.town.on_call
    mails = [f"{each.subject} {each.text}" for each in found if each.address == on_call]
    return any(part in mail for mail in mails for part in PARTS[server])


def _refusals(scene: Scene) -> int:
    return sum(scene.accepted.answers[each] for each in REFUSALS)


async def _seconds_until(holds: Callable[[], Awaitable[bool]], most: float) -> float | None:
    began = monotonic()
    while not await holds():
        if monotonic() - began > most:
            return None
        await asyncio.sleep(0.2)
    return monotonic() - began


async def _true(value: bool) -> bool:
    return value


def is_told(seen: list[Filled]) -> Verdict:
    """Each full disk is an alarm, and whoever is on call is told. Pure."""
    wrong = [f"{each.server}: no alarm" for each in seen if each.told_s is None]
    wrong += [f"{each.server}: nobody on call was told" for each in seen if each.on_call_s is None]
    figures = ", ".join(f"{each.server} after {each.told_s:.0f} s" for each in seen if each.told_s is not None)
    return Verdict("a full disk is an alarm", figures, tuple(wrong))


def is_refused(seen: list[Filled]) -> Verdict:
    """What the broker could not keep was refused: 451, 503. Without the store adapters go on accepting. Pure."""
    wrong = tuple(f"{each.server}: nothing was refused" for each in seen if each.server == KAFKA and not each.refused)
    return Verdict("what cannot be kept is refused", ", ".join(f"{each.server} {each.refused}" for each in seen), wrong)


def is_resumed(seen: list[Filled]) -> Verdict:
    """Once there is room everything goes on by itself. Pure."""
    wrong = tuple(f"{each.server}: still away" for each in seen if each.back_s is None)
    figures = ", ".join(f"{each.server} after {each.back_s:.0f} s" for each in seen if each.back_s is not None)
    return Verdict("with room everything goes on by itself", figures, wrong)


FULL_DISK: Final = Variant("a disk that is full", fill_and_make_room, shared_disk=False)

if __name__ == "__main__":
    try:
        sys.exit(main(FULL_DISK))
    except KeyboardInterrupt:
        sys.exit(130)
