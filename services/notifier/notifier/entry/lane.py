"""One provider account's lane: claims what is due, sends it, records what became of it. No lane waits for another."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog

from guichet.channel.outgoing.letter import Letter
from guichet.errors import TransientError
from guichet.ids import MessageId
from guichet.runtime.telemetry.alarms import Alarm, raise_alarm
from guichet.runtime.telemetry.metrics import SENDS_IN_WORK
from guichet.runtime.telemetry.tracing import headers_of, span_from
from guichet.store.deliveries.document import DeliveryDocument
from guichet.store.deliveries.store import Deliveries
from notifier.domain.outcomes import Gathered, NoRoom, Outcome
from notifier.handlers.account import Account
from notifier.handlers.attempt_letter import POLL, attempted, ended, raise_troubles, recorded, to_its_end
from notifier.handlers.begin_sends import Beginnings
from notifier.handlers.record_outcome import Recorder
from notifier.handlers.redirect_letters import Redirects
from notifier.handlers.write_letters import Written

log = structlog.get_logger()

RECORDING: Final = timedelta(seconds=60)  # how long an outcome waits for a store that is away
STOPPING: Final = timedelta(seconds=20)  # for a slow send; one that takes longer is in doubt, and settled later


@dataclass(frozen=True)
class LaneOptions:
    """hold: how long a delivery is kept from others after its sender's last sign of life; for a provider that is asked,
    longer than a message needs to be in its list. settle_after: how long a doubtful outcome rests. senders: how many
    work side by side. at_once: how many letters each writes and sends together.

    slow_after: a send that takes longer holds up nobody: it is put aside, and its sender goes on. slow_at_most: so many
    lie aside; then the lane waits for one of them to end, because the provider takes no more."""

    hold: timedelta
    settle_after: timedelta
    senders: int = 4
    at_once: int = 2
    slow_after: timedelta = timedelta(seconds=5)
    slow_at_most: int = 32  # with eight under way: fewer connections than the 50 that Postfix takes from one client


class Lane:
    """write: makes letters of intents, in their order. announce: has a delivery's new state published.

    redirects: see Recorder.
    """

    def __init__(
        self,
        account: Account,
        options: LaneOptions,
        *,
        deliveries: Deliveries,
        write: Callable[[Sequence[DeliveryDocument]], Awaitable[Sequence[Written]]],
        announce: Callable[[DeliveryDocument], None],
        clock: Callable[[], datetime],
        redirects: Redirects | None = None,
    ) -> None:
        self.name = account.name
        self._account = account
        self._options = options
        self._deliveries = deliveries
        self._write = write
        self._clock = clock
        self._beginnings = Beginnings(deliveries, options.hold, clock)
        self._recorder = Recorder(self.name, options.settle_after, deliveries, announce, self.wake, clock, redirects)
        self._wanted: asyncio.Queue[None] = asyncio.Queue(maxsize=options.senders)
        self._claiming = asyncio.Lock()
        self._in_work: dict[MessageId, DeliveryDocument] = {}
        self._kept_at = time.monotonic()
        self._keeping: asyncio.Task[None] | None = None
        self._slow: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """Look for a due delivery now: one sender does, the others sleep on."""
        with suppress(asyncio.QueueFull):  # then every sender is about to look
            self._wanted.put_nowait(None)

    async def start(self) -> None:
        """Open what the sender keeps open."""
        await self._account.start()

    async def stop(self) -> None:
        """Close it."""
        await self._account.stop()

    async def run(self) -> None:
        """Send until cancelled; attempts under way are ended first, those put aside if they end soon."""
        senders = [asyncio.create_task(self._send_on()) for _ in range(self._options.senders)]
        try:
            await asyncio.gather(*senders)
        finally:  # `gather` waits for nobody once the first, an idle one, has been cancelled
            await self._end(senders)

    async def _end(self, senders: Sequence[asyncio.Task[None]]) -> None:
        """Let every sender end, then what was put aside; what is under way is kept from others meanwhile."""
        for each in senders:
            if not each.cancelling():
                each.cancel()
        await asyncio.wait(senders)
        await ended(self._slow, STOPPING)

    async def step(self) -> timedelta:
        """Send what has been due longest, and return zero; or return how long there is nothing to do."""
        await self._keep_leases()
        if not await self._has_room():
            return POLL
        if wait := self._account.wait():
            return wait
        is_probe = self._account.is_left_alone
        allowed = 1 + self._account.allow_more(self._options.at_once - 1)
        held = await to_its_end(self._send_round(allowed, is_probe=is_probe))
        if held == allowed:
            self.wake()  # more may be due
        return timedelta(0) if held else POLL

    async def _keep_leases(self) -> None:
        """Keep what is under way before anything is claimed: who slept must not claim it. Raises TransientError."""
        if self._in_work and time.monotonic() - self._kept_at > (self._options.hold / 3).total_seconds():
            await self._keep()

    async def _keep_on(self) -> None:
        """Keep what is under way from others until cancelled, whatever its senders wait for."""
        while True:
            await asyncio.sleep((self._options.hold / 3).total_seconds())
            with suppress(TransientError):  # nobody claims anything in a store that is away
                await self._keep()

    async def _keep(self) -> None:
        await self._deliveries.keep([*self._in_work.values()], self._options.hold)
        self._kept_at = time.monotonic()

    async def _has_room(self) -> bool:
        """Say whether another slow send could be put aside. Raises what went wrong with those that lay there."""
        if len(self._slow) >= self._options.slow_at_most:
            await asyncio.wait(self._slow, timeout=POLL.total_seconds(), return_when=asyncio.FIRST_COMPLETED)
        over = {each for each in self._slow if each.done()}
        self._slow -= over
        raise_troubles(over)
        return len(self._slow) < self._options.slow_at_most

    async def _send_round(self, allowed: int, *, is_probe: bool) -> int:
        """Claim and send; return how many deliveries there were."""
        held: Sequence[DeliveryDocument] = ()
        try:
            async with self._claiming:  # our own senders need not race each other
                token, now = secrets.token_hex(8), self._clock()
                held = await self._deliveries.claim(self.name, token, now, self._options.hold, allowed)
        finally:
            self._account.hand_back(allowed - len(held), probe=is_probe and not held)
        if held:
            await self._serve(held, is_probe=is_probe)
        return len(held)

    async def _send_on(self) -> None:
        while True:
            try:
                wait = await self.step()
            except TransientError as exc:
                log.warning("the lane waits for its store", lane=self.name, error=str(exc))
                wait = POLL
            except Exception:  # this lane's alone: the others send on
                log.exception("a bug in the lane", lane=self.name)
                raise_alarm(Alarm.BUG, f"notifier:{self.name}")
                wait = POLL
            if wait:
                await self._rest(wait)

    async def _rest(self, wait: timedelta) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(min(wait, POLL).total_seconds()):
                await self._wanted.get()

    async def _serve(self, held: Sequence[DeliveryDocument], *, is_probe: bool) -> None:
        """Send a round side by side; what is slow goes on aside."""
        in_work = SENDS_IN_WORK.labels(self.name)
        in_work.inc(len(held))
        self._begin_work(held)

        def ends(each: DeliveryDocument) -> None:
            in_work.dec()
            self._end_work(each)

        async def deliver(each: DeliveryDocument, letter: Written | NoRoom) -> None:
            try:
                await self._deliver(each, letter, is_probe=is_probe)
            finally:
                ends(each)

        try:
            letters = await self._letters_or_no_room(held)
        except BaseException:
            for each in held:
                ends(each)
            raise
        sends = [asyncio.create_task(deliver(*each)) for each in zip(held, letters, strict=True)]
        over, slow = await asyncio.wait(sends, timeout=self._options.slow_after.total_seconds())
        self._slow |= slow
        raise_troubles(over)

    def _begin_work(self, held: Sequence[DeliveryDocument]) -> None:
        self._in_work |= {each.outbound_id: each for each in held}
        if self._keeping is None:
            self._keeping = asyncio.create_task(self._keep_on())

    def _end_work(self, each: DeliveryDocument) -> None:
        self._in_work.pop(each.outbound_id, None)
        if self._keeping is not None and not self._in_work:
            self._keeping.cancel()
            self._keeping = None

    async def _letters_or_no_room(self, held: Sequence[DeliveryDocument]) -> Sequence[Written | NoRoom]:
        """Write the letters of a round, but for those that no cap has room for, still."""
        without = await self._account.without_room(held)
        wanted = [each for each in held if each.outbound_id not in without]
        written = iter(await self._letters(wanted) if wanted else ())
        return [NoRoom() if each.outbound_id in without else next(written) for each in held]

    async def _letters(self, held: Sequence[DeliveryDocument]) -> Sequence[Written]:
        """Write the letters of a round. A bug that one of them sets off is that one's alone."""
        try:
            return await self._write(held)
        except Exception as trouble:
            if len(held) == 1 or isinstance(trouble, TransientError):
                return [trouble] * len(held)
        return [letter for each in held for letter in await self._letters([each])]

    async def _deliver(self, held: DeliveryDocument, letter: Written | NoRoom, *, is_probe: bool) -> None:
        """Send or gather. is_probe: this round was let through to try a provider that is being left alone."""
        with span_from(headers_of(held.trace), "send"):
            if isinstance(letter, Gathered | NoRoom):
                self._account.hand_back(1, probe=is_probe)
                outcome: Outcome | Gathered = letter
            else:
                outcome = await attempted(
                    self._account, letter, held, partial(self._beginnings.begin, held), self._clock()
                )
                if is_probe:
                    self._account.end_probe()
            record = partial(self._recorder.record, held, outcome, more=isinstance(letter, Letter) and letter.more)
            await recorded(record, self._clock, min(RECORDING, self._options.hold))
