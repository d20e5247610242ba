"""One provider account's lane: claims what is due, sends it, records what became of it. No lane waits for another."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from guichet.contracts.delivery import DeliveryState
from guichet.errors import ErasedError, PermanentError, ThrottledError, TransientError
from guichet.ids import MessageId
from guichet.runtime.alarms import Alarm, clear_alarm, raise_alarm
from guichet.runtime.metrics import OUTBOUND, POSSIBLE_DOUBLES
from guichet.store.deliveries import Deliveries
from guichet.store.delivery_document import DeliveryDocument
from notifier.backoff import is_hopeless, wait_after
from notifier.breaker import Breaker
from notifier.letter import Letter
from notifier.outcomes import Concluded, Deferred, Doubtful, Outcome, failed
from notifier.pace import NO_WAIT, Pace, Rate
from notifier.senders.sender import Sender

log = structlog.get_logger()

POLL: Final = timedelta(seconds=1)  # how long another process's intent may wait to be seen
RECORDING: Final = timedelta(seconds=60)  # how long an outcome waits for a store that is away
BUG: Final = "internal-error"
BUGS_BORNE: Final = 5  # attempts: a bug behind the send must not write to a citizen for days


@dataclass(frozen=True)
class LaneOptions:
    """rate: the provider's limits. hold: longer than any attempt lasts, and for a provider that is asked, than it takes
    to show up in its list. settle_after: how long a doubtful outcome rests. senders: attempts at the same time."""

    rate: Rate
    hold: timedelta
    settle_after: timedelta
    senders: int = 4


class Lane:
    """write: makes a letter of an intent. announce: publishes a delivery's new state."""

    def __init__(
        self,
        sender: Sender,
        options: LaneOptions,
        *,
        deliveries: Deliveries,
        write: Callable[[DeliveryDocument], Awaitable[Letter]],
        announce: Callable[[MessageId], Awaitable[None]],
        clock: Callable[[], datetime],
    ) -> None:
        self.name = sender.name
        self._sender = sender
        self._options = options
        self._deliveries = deliveries
        self._write = write
        self._announce = announce
        self._clock = clock
        self._pace = Pace(options.rate)
        self._breaker = Breaker()
        self._wanted = asyncio.Event()

    def wake(self) -> None:
        """Look for due deliveries now."""
        self._wanted.set()

    async def start(self) -> None:
        """Open what the sender keeps open."""
        await self._sender.start()

    async def stop(self) -> None:
        """Close it."""
        await self._sender.stop()

    async def run(self) -> None:
        """Send until cancelled; an attempt under way is ended first."""
        await asyncio.gather(*(self._send_on() for _ in range(self._options.senders)))

    async def step(self) -> timedelta:
        """Send what has been due longest, and return zero; or return how long there is nothing to do."""
        now = self._clock()
        if wait := self._pace.take(now):
            return wait
        if wait := self._breaker.wait(now):
            self._pace.give_back()
            return wait
        held = await self._deliveries.claim(self.name, secrets.token_hex(8), now, self._options.hold)
        if held is None:
            self._pace.give_back()
            self._breaker.not_tried(now)
            return POLL
        await _to_its_end(self._serve(held))
        return NO_WAIT

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
                await self._wanted.wait()
        self._wanted.clear()

    async def _serve(self, held: DeliveryDocument) -> None:
        outcome = await self._outcome(held)
        if isinstance(outcome, Deferred | Doubtful) and is_hopeless(held.requested_at, self._clock()):
            outcome = failed("gave-up")
        await self._record(held, outcome)

    async def _outcome(self, held: DeliveryDocument) -> Outcome:
        """Attempt the delivery; every trouble becomes an outcome."""
        try:
            letter = await self._write(held)
            return await self._attempt(held, letter)
        except ErasedError:
            return Concluded(DeliveryState.WITHHELD, "erased")
        except PermanentError as exc:
            return failed(exc.reason)
        except TransientError as exc:
            log.warning("not sent now", lane=self.name, outbound_id=held.outbound_id, error=str(exc))
            return Deferred("trouble", exc.retry_after if isinstance(exc, ThrottledError) else None)
        except Exception:
            log.exception("a bug while sending", lane=self.name, outbound_id=held.outbound_id)
            raise_alarm(Alarm.BUG, f"notifier:{self.name}")
            return Doubtful(BUG) if held.attempts < BUGS_BORNE else failed(BUG)

    async def _attempt(self, held: DeliveryDocument, letter: Letter) -> Outcome:
        if wait := self._pace.take_for(letter.recipient, self._clock()):
            return Deferred("too-fast", wait)
        try:
            outcome = await self._settled(held, letter) or await self._sender.send(letter)
        except ThrottledError as exc:
            self._breaker.pause(self._clock() + exc.retry_after)
            raise
        except TransientError:
            self._note_failure()
            raise
        self._note_failure() if isinstance(outcome, Doubtful) else self._note_success()
        return outcome

    async def _settled(self, held: DeliveryDocument, letter: Letter) -> Concluded | None:
        """Settle earlier attempts whose outcome is unknown; None: send (again)."""
        if held.unsettled_since is None:
            return None
        known = await self._sender.settle(letter, held.unsettled_since)
        if known is None:
            log.warning("sent again in doubt", lane=self.name, outbound_id=held.outbound_id, attempts=held.attempts)
            POSSIBLE_DOUBLES.labels(held.channel.value).inc()
        return known

    async def _record(self, held: DeliveryDocument, outcome: Outcome) -> None:
        """Record the outcome, waiting for a store that is away: what is not recorded may be sent twice."""
        deadline = self._clock() + min(RECORDING, self._options.hold)
        while True:
            try:
                await self._record_once(held, outcome)
            except TransientError:
                if self._clock() >= deadline:
                    raise
                await asyncio.sleep(POLL.total_seconds())
            else:
                return

    async def _record_once(self, held: DeliveryDocument, outcome: Outcome) -> None:
        now = self._clock()
        match outcome:
            case Concluded(state, reason, provider_id):
                if await self._deliveries.conclude(held, state, now, reason, provider_id):
                    OUTBOUND.labels(held.channel.value, held.purpose.value, state.value).inc()
                    await self._announce(held.outbound_id)
            case Deferred(_, after):
                due_at = now + (wait_after(held.attempts) if after is None else after)
                await self._deliveries.postpone(held, due_at, settled=held.unsettled_since is None)
            case Doubtful(reason):
                due_at = now + max(self._options.settle_after, wait_after(held.attempts))
                await self._deliveries.doubt(held, reason, now, due_at)
                await self._announce(held.outbound_id)

    def _note_failure(self) -> None:
        self._breaker.failed(self._clock())
        if self._breaker.is_open:
            raise_alarm(Alarm.PROVIDER_DOWN, self.name)

    def _note_success(self) -> None:
        self._breaker.succeeded()
        clear_alarm(Alarm.PROVIDER_DOWN, self.name)


async def _to_its_end(work: Awaitable[None]) -> None:
    """Await work that a stop must not cut in the middle: half an attempt is a doubtful one."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise
