"""Sends what one address got past its ceiling: one message for all of a day, by one notifier at a time."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog

from guichet.channel.outgoing.outcomes import Concluded, Deferred, Doubtful, Waiting, sent
from guichet.errors import TransientError
from guichet.mongo.lease import Held, TakenError
from guichet.runtime.telemetry.alarms import Alarm, raise_alarm
from guichet.runtime.telemetry.metrics import OUTBOUND
from guichet.store.deliveries.document import DeliveryDocument, gathered
from guichet.store.deliveries.receipt_counts import ReceiptCounts
from guichet.store.deliveries.store import Deliveries
from notifier.domain.backoff import put_off, wait_after
from notifier.domain.outcomes import AddressGone, Barred, Lost, NoRoom, Outcome, Undecided, no_more
from notifier.handlers.account import Account
from notifier.handlers.attempt_letter import attempted, recorded, to_its_end
from notifier.handlers.limit_receipts import rounded_up
from notifier.handlers.redirect_letters import Redirects
from notifier.handlers.write_bundles import Bundle, Trouble

log = structlog.get_logger()

LOOK_EVERY: Final = timedelta(seconds=30)
AT_ONCE: Final = 500  # receipts read together; one address that has more waiting gets a further message
HOLD: Final = timedelta(minutes=10)
ENDS_IN_TIME: Final = timedelta(minutes=1)  # what has to wait until then for the pace is let go
PATIENCE: Final = timedelta(seconds=2)  # for the account's pace; what has to wait longer is let go
RECORDING: Final = timedelta(seconds=60)
KEEP_EVERY: Final = timedelta(seconds=15)  # a quarter of the gathering lease
A_MINUTE: Final = timedelta(minutes=1)


class GatheredLane:
    """write: makes letters of what waits. settle_after: see LaneOptions. redirects: see Recorder."""

    def __init__(
        self,
        account: Account,
        settle_after: timedelta,
        *,
        deliveries: Deliveries,
        counts: ReceiptCounts,
        write: Callable[[Sequence[DeliveryDocument]], Awaitable[tuple[list[Bundle], list[Trouble]]]],
        clock: Callable[[], datetime],
        redirects: Redirects | None = None,
    ) -> None:
        self._account = account
        self._redirects = redirects
        self._settle_after = settle_after
        self._deliveries = deliveries
        self._counts = counts
        self._write = write
        self._clock = clock
        self.name = gathered(account.name)

    async def step(self) -> None:
        """Send what is due, if no other notifier does. Raises TransientError; cancelled, it ends an attempt first.

        A bug rings its alarm, and waits like an outage: the other lanes are not to stop for it.
        """
        if self._account.sends_apart is None:  # whoever has a part of the pace sends it: nothing is held back from them
            return
        if not await self._deliveries.has_due(self.name, self._clock()):
            return
        try:
            async with self._counts.gathering(self.name) as lease:
                while await self._round(lease):
                    pass
        except TakenError:
            return
        except TransientError:
            raise
        except Exception:
            log.exception("a bug in the lane", lane=self.name)
            raise_alarm(Alarm.BUG, f"notifier:{self.name}")

    async def _round(self, lease: Held) -> bool:
        """Send what there is, at most so much; return whether there may be more."""
        await lease.keep()
        now = self._clock()
        held = await self._deliveries.claim(self.name, secrets.token_hex(8), now, HOLD, AT_ONCE)
        if not held:
            return False
        is_full = len(held) == AT_ONCE
        if left := await self._account.left_before(held):  # a store that was put back may gather them otherwise
            await self._record(left, sent())
            gone = {each.outbound_id for each in left}
            held = [each for each in held if each.outbound_id not in gone]
        bundles, troubles = await self._write(held)
        for each, why in troubles:
            await self._record((each,), await attempted(self._account, why, each, _nothing_begins, now))
        for bundle in bundles:
            await lease.keep()
            await to_its_end(self._send(bundle, held, lease, now + HOLD - ENDS_IN_TIME))
        return is_full

    async def _send(self, bundle: Bundle, held: Sequence[DeliveryDocument], lease: Held, until: datetime) -> None:
        """Send one letter. held: all of the round, which nobody else may send while this one is slow."""
        outcome: Outcome = Waiting("too-fast")
        if await self._may_send(lease, until):
            sending = asyncio.create_task(self._attempted(bundle))
            while not (await asyncio.wait({sending}, timeout=KEEP_EVERY.total_seconds()))[0]:
                with suppress(TransientError):  # then it is noticed before the next
                    await self._deliveries.keep(held, HOLD)
                    await lease.keep()
            outcome = await sending
        tried = {"lane": self.name, "receipts": len(bundle.receipts), "outcome": type(outcome).__name__}
        log.info("tried to send what was gathered", **tried)
        await self._record(bundle.receipts, outcome)

    async def _attempted(self, bundle: Bundle) -> Outcome:
        """Attempt one letter; what may have left of any of its receipts is in doubt of the whole."""
        now, receipts = self._clock(), bundle.receipts
        lead = max(receipts, key=lambda each: each.copies)

        async def begin() -> bool:  # all of them or none: they are one message
            return len(await self._deliveries.begin(receipts, now, HOLD)) == len(receipts)

        return await attempted(self._account, bundle.letter, lead, begin, now, receipts)

    async def _may_send(self, lease: Held, until: datetime) -> bool:
        """Wait for the account's pace, not for a provider that is left alone; nobody else sends meanwhile."""
        while self._clock() < until:
            wait = self._account.wait()
            if not wait:
                return True
            apart = self._account.sends_apart
            if apart is None or wait > max(PATIENCE, apart):
                return False
            await asyncio.sleep(wait.total_seconds())
            await lease.keep()
        return False

    async def _record(self, receipts: Sequence[DeliveryDocument], outcome: Outcome) -> None:
        await recorded(partial(self._record_once, receipts, outcome), self._clock, RECORDING)

    async def _record_once(self, receipts: Sequence[DeliveryDocument], outcome: Outcome) -> None:
        """Record what became of all of them in one command; the sweep tells the other services."""
        now, first = self._clock(), receipts[0]
        backoff = wait_after(max(each.attempts for each in receipts))
        match outcome:
            case Concluded(state, reason, provider_id):
                known = [first.model_copy(update={"provider_id": provider_id}), *receipts[1:]]  # of one: it joins
                moved = await self._deliveries.conclude_together(known, state, now, reason)
                OUTBOUND.labels(first.channel, first.purpose.value, state.value).inc(moved)
            case Deferred():
                due_at, trying = rounded_up(now + backoff, A_MINUTE), [put_off(each, now) for each in receipts]
                await self._deliveries.release_together(trying, now, due_at)
            case Waiting(_, after, is_bug):
                due_at = rounded_up(now + (backoff if after is None else after), A_MINUTE)
                waiting = [each.model_copy(update={"bugs": each.bugs + is_bug}) for each in receipts]
                await self._deliveries.release_together(waiting, now, due_at)
            case Doubtful(reason, denied):
                due_at = rounded_up(now + max(self._settle_after, backoff), A_MINUTE)
                tried = [put_off(each, now) for each in receipts] if denied else receipts
                await self._deliveries.release_together(tried, now, due_at, doubtful=reason, denied=denied)
            case Undecided(reason):
                await self._deliveries.leave_undecided(receipts, now, reason)
            case NoRoom() | Barred() | AddressGone():
                await self._redirect(receipts, outcome)
            case Lost():  # one of them is erased, or this process slept: the others are due at once
                await self._deliveries.release_together(receipts, now, rounded_up(now, A_MINUTE))

    async def _redirect(self, receipts: Sequence[DeliveryDocument], why: NoRoom | Barred | AddressGone) -> None:
        """Have receipts go another way, one by one; what has none waits or has failed."""
        assert self._redirects is not None
        match why:
            case NoRoom():
                for each in receipts:
                    await self._redirects.no_room(each)
            case Barred(reason):
                if stay := [each for each in receipts if not await self._redirects.by_mail(each)]:
                    await self._record_once(stay, no_more(max(stay, key=lambda each: each.copies), reason))
            case AddressGone():
                raise AssertionError("what goes by mail instead is never gathered")


async def _nothing_begins() -> bool:
    raise AssertionError("nothing was written that could leave")
