"""Carries the faults out: waits until messages are in flight in the process, strikes, and writes down what it met."""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from guichet_local.plan.ports import mongodb_names
from guichet_local.stack import LocalStack
from tests.faults.load.accepted import Accepted
from tests.faults.load.clients import Pace
from tests.faults.town.members import CATCHES_UP_WITHIN, Members
from tests.faults.trouble.in_flight import Eyes
from tests.faults.trouble.schedule import ADAPTERS, BROKERS, MOVES, PRIMARY, SECONDARY, SENDERS, Act, Fault

AHEAD: Final = 0.02  # of the messages: how far the clients may be past a fault that is due
IN_FLIGHT_WITHIN: Final = 10.0  # seconds; nothing in flight for so long: the fault is put off
PAUSED_FOR: Final = 8.5  # a member that does not answer is out of its group after 6 s
NOTICED_WITHIN: Final = 1.0  # until a dead process's connections are broken
DOUBTED_WITHIN: Final = 2.0  # until what a dead sender was handed is recorded; it rests for 5 s at the least
STORE, STORE_STEPPED_DOWN = "mongodb", "mongodb stepped down"
NEAR_ITS_END: Final = 8.0  # seconds before a hold of at least 30 s ends; an attempt lasts 20 s at the most


@dataclass
class Strike:
    """A fault that was carried out. second: of the run; in_flight: messages in that process; proof: what was seen."""

    second: float
    act: Act
    process: str
    in_flight: int
    proof: str = ""
    orphans: list[str] = field(default_factory=list)  # sends that this process had, and whose outcome nobody knows

    @property
    def counts(self) -> bool:
        """Return whether it is a kill, or a stepdown, that met messages in flight."""
        return self.act in {Act.KILL, Act.STEP_DOWN} and self.in_flight > 0

    @property
    def service(self) -> str:
        """Return whose process it is; a broker stands for itself, the members of the replica set for one store."""
        if self.process.startswith(STORE):
            return STORE_STEPPED_DOWN if self.act is Act.STEP_DOWN else STORE
        return self.process if self.process in BROKERS else self.process.removesuffix("-2")


class Chaos:
    """Strikes the processes of a stack. strikes: what was done, in order."""

    def __init__(self, stack: LocalStack, eyes: Eyes, accepted: Accepted, began: float) -> None:
        self._stack = stack
        self._eyes = eyes
        self.pace = Pace()
        self._accepted = accepted
        self._members = Members(eyes.database, {stack.ports[name]: name for name in mongodb_names(stack.ports)})
        self._began = began
        self._paused: dict[str, int] = {}
        self._later: list[asyncio.Task[None]] = []
        self.strikes: list[Strike] = []
        self.killed: set[int] = set()

    async def carry_out(
        self, faults: list[Fault], progress: Callable[[], float], provoke: Callable[[Fault], Awaitable[None]]
    ) -> list[Fault]:
        """Strike each fault once it is due; return those for which nothing was in flight.

        provoke: gives the process something to do, where the citizens' messages do not pass through it.
        """
        put_off = []
        for fault in faults:
            self.pace.ceiling = fault.due + AHEAD
            while progress() < fault.due:  # noqa: ASYNC110  looked at, not told
                await asyncio.sleep(0.05)
            await provoke(fault)
            if not await self._strike(fault):
                put_off.append(fault)
        self.pace.ceiling = 1.0
        return put_off

    async def end(self) -> None:
        """Wait for what became of the last sends, and let everybody go on."""
        await asyncio.gather(*self._later)

    def release(self) -> None:
        """Wake what is still paused: a process that sleeps cannot be stopped."""
        for process in list(self._paused):
            _send(self._paused.pop(process), signal.SIGCONT)

    async def _strike(self, fault: Fault) -> bool:
        await self._until(lambda: _true(fault.process not in self._paused), PAUSED_FOR * 2)
        if fault.act in MOVES:
            return self._move_clock(fault)
        if fault.process in BROKERS:
            return await self._kill_broker(fault, BROKERS.index(fault.process) + 1)
        if fault.process in {PRIMARY, SECONDARY}:
            return await self._strike_member(fault)
        if fault.process.removesuffix("-2") in ADAPTERS:
            return await self._kill_adapter(fault)
        if fault.process in SENDERS:
            return await self._kill_sender(fault)
        return await self._strike_worker(fault)

    def _move_clock(self, fault: Fault) -> bool:
        in_flight = sum(map(len, self._accepted.in_flight.values()))
        moved = self._stack.move_clock(MOVES[fault.act])
        self._note(fault, in_flight, f"messages on their way; {moved / timedelta(hours=1):+.0f} h in all")
        return True

    async def _kill_broker(self, fault: Fault, node: int) -> bool:
        await self._until(_quietly(self._eyes.all_in_sync), IN_FLIGHT_WITHIN)
        pid = await self._pid(fault.process)
        number = await self._until(_quietly(lambda: self._eyes.of_broker(node)), IN_FLIGHT_WITHIN)
        if not number:
            return False
        self._kill(pid)
        self._note(fault, number, "records on partitions it leads, not handled yet")
        return True

    async def _strike_member(self, fault: Fault) -> bool:
        """Strike one of three once all are well: with two away nobody leads, and everybody would only wait."""
        await self._until(lambda: _true(not any(each.startswith(STORE) for each in self._paused)), PAUSED_FOR * 2)
        await self._until(_quietly(self._members.are_well), IN_FLIGHT_WITHIN * 2)
        which = self._members.leader if fault.process == PRIMARY else self._members.follower
        number = await self._until(_quietly(self._eyes.of_mongod), IN_FLIGHT_WITHIN)
        name = await _or_none(which())
        if not number or name is None:
            return False
        pid = await self._pid(name)
        match fault.act:
            case Act.KILL:
                self._kill(pid)
            case Act.PAUSE:
                self._pause(name, pid)
            case Act.STEP_DOWN:
                if not await _or_none(self._members.step_down(), CATCHES_UP_WITHIN.total_seconds() * 2):
                    return False
        strike = self._note(replace(fault, process=name), number, "operations under way")
        self._later.append(asyncio.create_task(self._see_who_leads(strike, pid)))
        return True

    async def _see_who_leads(self, strike: Strike, pid: int) -> None:
        """Wake a primary that sleeps once another leads: what it still believes to be its own must count for nothing."""
        await asyncio.sleep(PAUSED_FOR)
        leader = await _or_none(self._members.leader())
        strike.proof += f"; {leader} led {PAUSED_FOR:.0f} s later" if leader else "; nobody led yet"
        if strike.process in self._paused:
            _send(self._paused.pop(strike.process), signal.SIGCONT)

    async def _kill_adapter(self, fault: Fault) -> bool:
        pid = await self._pid(fault.process)
        waiting = self._accepted.in_flight[fault.process]
        if not await self._until(lambda: _true(bool(waiting)), IN_FLIGHT_WITHIN):
            return False
        number, lost = len(waiting), self._accepted.never_answered[fault.process]
        self._kill(pid)
        strike = self._note(fault, number, "")
        await asyncio.sleep(NOTICED_WITHIN)
        strike.proof = f"{self._accepted.never_answered[fault.process] - lost} never answered"
        return True

    async def _kill_sender(self, fault: Fault) -> bool:
        pid, lane = await self._pid(fault.process), fault.process.removeprefix("sender-")
        url = self._stack.addresses[f"{fault.process}-health"]
        before: set[tuple[str, int]] = set()

        async def look() -> int:
            nonlocal before
            before = await self._doubts(lane)
            return await self._eyes.of_worker(url)

        number = await self._until(look, IN_FLIGHT_WITHIN)
        if not number:
            return False
        self._kill(pid)
        strike = self._note(fault, number, "letters that it was handed")
        await asyncio.sleep(DOUBTED_WITHIN)
        strike.orphans = [outbound for outbound, _ in await self._doubts(lane) - before]
        return True

    async def _doubts(self, lane: str) -> set[tuple[str, int]]:
        """Return the sends of a lane of which the notifier has recorded that it does not know their outcome, each with
        how many copies it then was."""
        resting = {"lane": lane, "unsettled_since": {"$exists": True}, "held_by": {"$exists": False}}
        found = await self._asked_of_deliveries(resting, {"copies": 1})
        return {(each["_id"], each["copies"]) for each in found}

    async def _strike_worker(self, fault: Fault) -> bool:
        pid, group = await self._pid(fault.process), fault.process.removesuffix("-2")
        url = self._stack.addresses[f"{fault.process}-health"]
        places = await _or_none(self._eyes.held_by(group, pid)) or []
        number = await self._until(lambda: self._eyes.of_worker(url), IN_FLIGHT_WITHIN)
        if not number:
            return False
        self._kill(pid) if fault.act is Act.KILL else self._pause(fault.process, pid)
        strike = self._note(fault, number, "")
        if group == "notifier":
            self._watch_sends(strike, await self._held_sends())
        unfinished = await _or_none(self._eyes.unfinished(group, places))
        strike.proof = f"{unfinished} records not committed" if unfinished else "its group was moving partitions"
        if fault.act is Act.PAUSE:
            self._later.append(asyncio.create_task(self._resume(strike, group, pid)))
        return True

    async def _resume(self, strike: Strike, group: str, pid: int) -> None:
        """Wake a worker once its group has gone on without it."""
        await asyncio.sleep(PAUSED_FOR)
        held = await _or_none(self._eyes.held_by(group, pid))
        strike.proof += f"{'; ' if strike.proof else ''}{_after_the_pause(held)}"
        _send(self._paused.pop(strike.process, pid), signal.SIGCONT)

    async def _held_sends(self) -> list[dict[str, Any]]:
        """Return what senders hold just now, by the store's own clock, which is the machine's and never moved."""
        held = {"held_by": {"$exists": True}, "held_until": {"$gt": datetime.now(UTC)}}
        return await self._asked_of_deliveries(held, {"held_by": 1, "held_until": 1})

    async def _asked_of_deliveries(self, wanted: dict[str, Any], shown: dict[str, int]) -> list[dict[str, Any]]:
        deliveries = self._eyes.database["deliveries"]
        while (found := await _or_none(deliveries.find(wanted, shown).to_list(None))) is None:  # noqa: ASYNC110
            await asyncio.sleep(0.2)  # the store may have been struck a second before; what was held then still is
        return found

    def _watch_sends(self, strike: Strike, held: list[dict[str, Any]]) -> None:
        for send in held:
            self._later.append(asyncio.create_task(self._watch_send(strike, send)))

    async def _watch_send(self, strike: Strike, send: dict[str, Any]) -> None:
        """A hold that nobody renewed and that stands near its end was a dead or paused sender's.

        The store may be away just then: it is asked again until the hold is over.
        """
        left = (send["held_until"] - datetime.now(UTC)).total_seconds()
        look_from = left - NEAR_ITS_END if strike.act is Act.KILL else PAUSED_FOR - 1
        await asyncio.sleep(max(0.0, look_from))
        while datetime.now(UTC) < send["held_until"]:
            found = await _or_none(self._eyes.database["deliveries"].count_documents(send))
            if found is not None:
                strike.orphans += [send["_id"]] * found
                return
            await asyncio.sleep(0.3)

    async def _pid(self, process: str) -> int:
        """Return the process's id, once supervisord has seen the last one's end and started it again."""
        while True:
            pid = (await asyncio.to_thread(self._stack.supervisor.state_of, process)).pid
            if pid and pid not in self.killed:
                return pid
            await asyncio.sleep(0.1)

    def _kill(self, pid: int) -> None:
        self.killed.add(pid)
        _send(pid, signal.SIGKILL)

    def _pause(self, process: str, pid: int) -> None:
        self._paused[process] = pid
        _send(pid, signal.SIGSTOP)

    def _note(self, fault: Fault, number: int, proof: str) -> Strike:
        strike = Strike(time.monotonic() - self._began, fault.act, fault.process, number, proof)
        self.strikes.append(strike)
        return strike

    async def _until(self, look: Callable[[], Awaitable[int]], seconds: float) -> int:
        end = time.monotonic() + seconds
        while not (number := await look()):
            if time.monotonic() > end:
                return 0
            await asyncio.sleep(0.002)
        return number


def _after_the_pause(held: list[Any] | None) -> str:
    if held is None:
        return "the group did not say who holds what"
    return "out of its group when it woke" if not held else f"still held {len(held)} partitions"


def _send(pid: int, number: signal.Signals) -> None:
    if pid > 0:
        os.kill(pid, number)


async def _true(value: bool) -> int:
    return int(value)


def _quietly(look: Callable[[], Awaitable[int]]) -> Callable[[], Awaitable[int]]:
    async def ask() -> int:
        return await _or_none(look()) or 0

    return ask


async def _or_none(asked: Awaitable[Any], seconds: float = 3) -> Any:
    """Servers are away from time to time, that is the point."""
    try:
        async with asyncio.timeout(seconds):
            return await asked
    except Exception:
        return None
