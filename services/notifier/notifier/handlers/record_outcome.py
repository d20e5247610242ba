"""Write down what became of one delivery after one attempt, and let go of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from guichet.channel.outgoing.outcomes import Concluded, Deferred, Doubtful, Waiting
from guichet.contracts.delivery import DeliveryState
from guichet.runtime.telemetry.metrics import OUTBOUND
from guichet.store.deliveries.document import LEFT, DeliveryDocument
from guichet.store.deliveries.store import Deliveries
from notifier.domain.backoff import put_off, wait_after
from notifier.domain.outcomes import AddressGone, Barred, Gathered, Lost, NoRoom, Outcome, Undecided, no_more
from notifier.handlers.redirect_letters import Redirects

log = structlog.get_logger()

NO_ADDRESS: Final = "no-address"


@dataclass(frozen=True)
class Recorder:
    """Of one lane. settle_after: see LaneOptions. announce: has a delivery's new state published.

    wake: has the lane look for what is due now. redirects: of what no cap has room for; None: no letter costs anything.
    """

    lane: str
    settle_after: timedelta
    deliveries: Deliveries
    announce: Callable[[DeliveryDocument], None]
    wake: Callable[[], None]
    clock: Callable[[], datetime]
    redirects: Redirects | None = None

    async def record(self, held: DeliveryDocument, outcome: Outcome | Gathered, *, more: bool) -> None:
        """Record an outcome. Raises TransientError while the store is away.

        more: of an answer in parts this one was not the last; only the last one makes it sent.
        """
        now = self.clock()
        match outcome:
            case Concluded(state) if more and state in LEFT:
                await self.deliveries.advance(held, now)
                self.wake()
            case Concluded():
                await self._conclude(held, outcome, now)
            case Gathered(due_at):
                await self.deliveries.gather(held, due_at)
            case NoRoom():
                assert self.redirects is not None  # whoever keeps a budget knows other ways
                await self.redirects.no_room(held)
            case Barred(reason):
                assert self.redirects is not None
                if not await self.redirects.by_mail(held):
                    await self.record(held, no_more(held, reason), more=False)
            case AddressGone() if held.after is not None:
                await self.record(held, no_more(held, NO_ADDRESS), more=False)
            case AddressGone():
                assert self.redirects is not None
                await self.redirects.go_back(held)
            case Lost():
                log.warning("the lease had ended, nothing was sent", lane=self.lane, outbound_id=held.outbound_id)
            case _:
                await self._record_open(held, outcome, now)

    async def _conclude(self, held: DeliveryDocument, outcome: Concluded, now: datetime) -> None:
        state = outcome.state
        if state is DeliveryState.FAILED and self.redirects and await self.redirects.after_refusal(held):
            return
        if moved := await self.deliveries.conclude(held, state, now, outcome.reason, outcome.provider_id):
            OUTBOUND.labels(held.channel, held.purpose.value, state.value).inc()
            self.announce(moved)

    async def _record_open(
        self, held: DeliveryDocument, outcome: Deferred | Waiting | Doubtful | Undecided, now: datetime
    ) -> None:
        """Record an outcome that is none yet."""
        backoff = wait_after(held.attempts)
        match outcome:
            case Deferred():
                await self.deliveries.postpone(put_off(held, now), now + backoff)
            case Waiting(_, after, is_bug):
                due_at = now + (backoff if after is None else after)
                await self.deliveries.postpone(held.model_copy(update={"bugs": held.bugs + is_bug}), due_at)
            case Doubtful(reason, denied):
                due_at = now + max(self.settle_after, backoff)
                tried = put_off(held, now) if denied else held
                if moved := await self.deliveries.doubt(tried, reason, now, due_at, denied=denied):
                    self.announce(moved)
            case Undecided(reason):  # the sweep tells the other services
                log.error("nobody knows whether it left", lane=self.lane, outbound_id=held.outbound_id)
                await self.deliveries.leave_undecided([held], now, reason)
