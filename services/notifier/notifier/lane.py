"""One provider account's lane: claims what is due, sends it, records what became of it. No lane waits for another."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog

from guichet.errors import TransientError
from guichet.runtime.metrics import OUTBOUND, SENDS_IN_WORK
from guichet.runtime.tracing import headers_of, span_from
from guichet.store.deliveries import Deliveries
from guichet.store.delivery_document import LEFT, DeliveryDocument
from notifier.account import Account
from notifier.attempting import POLL, attempted, recorded, to_its_end
from notifier.backoff import wait_after
from notifier.letter import Letter
from notifier.letter_writer import Written
from notifier.outcomes import Concluded, Deferred, Doubtful, Gathered, Outcome

log = structlog.get_logger()

RECORDING: Final = timedelta(seconds=60)  # how long an outcome waits for a store that is away


@dataclass(frozen=True)
class LaneOptions:
    """hold: longer than an attempt lasts and, for a provider that is asked, than a message needs to be in its list.
    settle_after: how long a doubtful outcome rests. senders: how many work side by side, so that one with a slow
    provider holds up no other. at_once: how many letters each writes and sends together."""

    hold: timedelta
    settle_after: timedelta
    senders: int = 4
    at_once: int = 2


class Lane:
    """write: makes letters of intents, in their order. announce: has a delivery's new state published."""

    def __init__(
        self,
        account: Account,
        options: LaneOptions,
        *,
        deliveries: Deliveries,
        write: Callable[[Sequence[DeliveryDocument]], Awaitable[Sequence[Written]]],
        announce: Callable[[DeliveryDocument], None],
        clock: Callable[[], datetime],
    ) -> None:
        self.name = account.name
        self._account = account
        self._options = options
        self._deliveries = deliveries
        self._write = write
        self._announce = announce
        self._clock = clock
        self._wanted: asyncio.Queue[None] = asyncio.Queue(maxsize=options.senders)
        self._claiming = asyncio.Lock()

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
        """Send until cancelled; an attempt under way is ended first."""
        senders = [asyncio.create_task(self._send_on()) for _ in range(self._options.senders)]
        try:
            await asyncio.gather(*senders)
        finally:  # `gather` waits for nobody once the first, an idle one, has been cancelled
            for each in senders:
                if not each.cancelling():
                    each.cancel()
            await asyncio.wait(senders)

    async def step(self) -> timedelta:
        """Send what has been due longest, and return zero; or return how long there is nothing to do."""
        if wait := self._account.wait():
            return wait
        is_probe = self._account.is_left_alone
        allowed = 1 + self._account.allow_more(self._options.at_once - 1)
        held = await to_its_end(self._send_round(allowed, is_probe=is_probe))
        if held == allowed:
            self.wake()  # more may be due
        return timedelta(0) if held else POLL

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
            if wait:
                await self._rest(wait)

    async def _rest(self, wait: timedelta) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(min(wait, POLL).total_seconds()):
                await self._wanted.get()

    async def _serve(self, held: Sequence[DeliveryDocument], *, is_probe: bool) -> None:
        in_work = SENDS_IN_WORK.labels(self.name)
        in_work.inc(len(held))

        async def deliver(each: DeliveryDocument, letter: Written) -> None:
            try:
                await self._deliver(each, letter, is_probe=is_probe)
            finally:
                in_work.dec()

        try:
            letters = await self._letters(held)
        except BaseException:
            in_work.dec(len(held))
            raise
        ends = await asyncio.gather(*map(deliver, held, letters), return_exceptions=True)
        for trouble in filter(None, ends):
            raise trouble

    async def _letters(self, held: Sequence[DeliveryDocument]) -> Sequence[Written]:
        """Write the letters of a round. A bug that one of them sets off is that one's alone."""
        try:
            return await self._write(held)
        except Exception as trouble:
            if len(held) == 1 or isinstance(trouble, TransientError):
                return [trouble] * len(held)
        return [letter for each in held for letter in await self._letters([each])]

    async def _deliver(self, held: DeliveryDocument, letter: Written, *, is_probe: bool) -> None:
        """Send or gather. is_probe: this round was let through to try a provider that is being left alone."""
        with span_from(headers_of(held.trace), "send"):
            if isinstance(letter, Gathered):
                self._account.hand_back(1, probe=is_probe)
                outcome: Outcome | Gathered = letter
            else:
                outcome = await attempted(self._account, letter, held, self._clock())
            record = partial(self._record_once, held, outcome, more=isinstance(letter, Letter) and letter.more)
            await recorded(record, self._clock, min(RECORDING, self._options.hold))

    async def _record_once(self, held: DeliveryDocument, outcome: Outcome | Gathered, *, more: bool) -> None:
        """Record an outcome. more: of an answer in parts this one was not the last; only the last one makes it sent."""
        now = self._clock()
        match outcome:
            case Concluded(state) if more and state in LEFT:
                await self._deliveries.advance(held, now)
                self.wake()
            case Concluded(state, reason, provider_id):
                if moved := await self._deliveries.conclude(held, state, now, reason, provider_id):
                    OUTBOUND.labels(held.channel.value, held.purpose.value, state.value).inc()
                    self._announce(moved)
            case Gathered(due_at):
                await self._deliveries.gather(held, due_at)
            case Deferred(_, after):
                due_at = now + (wait_after(held.attempts) if after is None else after)
                await self._deliveries.postpone(held, due_at, settled=held.unsettled_since is None)
            case Doubtful(reason):
                due_at = now + max(self._options.settle_after, wait_after(held.attempts))
                if moved := await self._deliveries.doubt(held, reason, now, due_at):
                    self._announce(moved)
