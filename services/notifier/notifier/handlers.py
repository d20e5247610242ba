"""What the notifier does on each event. The handler of a case event records an intent and is done (design 3.8)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from guichet.contracts.case_events import CaseOpened, ReplyRequested
from guichet.contracts.delivery import DeliveryReported
from guichet.errors import ErasedError
from guichet.runtime.metrics import OUTBOUND
from guichet.runtime.tracing import current_trace
from guichet.store.cases import CaseStore
from guichet.store.deliveries import Deliveries
from guichet.store.delivery_document import DeliveryDocument
from guichet.store.messages import MessageStore
from guichet.town import Town
from guichet.town.policies import SveStatus
from notifier.announcing import Announcer
from notifier.intents import answered_message, receipt_intent, reply_intent
from notifier.provider_reports import parse_report

log = structlog.get_logger()


@dataclass(frozen=True)
class Handlers:
    """wake: tells a lane that it has something to do. Every deed raises TransientError while a store is away."""

    deliveries: Deliveries
    cases: CaseStore
    messages: MessageStore
    announcer: Announcer
    town: Town
    wake: Callable[[str], None]
    clock: Callable[[], datetime]

    async def owe_receipt(self, opened: CaseOpened) -> None:
        """Record that the citizen is owed the AEE of a new case, or why none is sent (R25).

        Raises ErasedError when the case is erased: an event that comes again records nothing and sends nothing.
        """
        if await self.cases.erased([opened.case_id]):
            raise ErasedError(f"case {opened.case_id} is erased")
        is_saisine = self.town.policy(opened.channel).sve_status is SveStatus.SAISINE
        overdue_at = self.town.working_days.aee_deadline(opened.received_at) if is_saisine else None
        await self._owe(receipt_intent(opened, overdue_at))

    async def owe_reply(self, requested: ReplyRequested) -> None:
        """Record that an agent's answer is to be sent. Raises ErasedError when the case is gone."""
        case = (await self.cases.find_many([requested.case_id])).get(requested.case_id)
        if case is None or case.erasing:
            raise ErasedError(f"case {requested.case_id} is erased")
        found = await self.messages.find_many([case.last_inbound, case.opened_by])
        answered = answered_message(case, [*found.values()])
        if answered is None:
            raise ErasedError(f"case {requested.case_id}: the message to answer is gone")
        await self._owe(reply_intent(requested, case, answered))

    async def record_report(self, reported: DeliveryReported) -> None:
        """Record a provider's callback; one that comes late, doubled or about nothing we sent changes nothing."""
        said = parse_report(reported)
        if said is None:
            log.warning("a provider's word that we do not know", status=reported.status)
            return
        moved = await self.deliveries.report(
            reported.outbound_id, said.state, self.clock(), said.reason, reported.provider_id
        )
        if moved:
            log.info("delivery moved", outbound_id=reported.outbound_id, state=said.state.value)
        await self.announcer.announce(reported.outbound_id)

    async def _owe(self, intent: DeliveryDocument) -> None:
        await self.deliveries.insert_new(intent.model_copy(update={"trace": current_trace()}))
        if intent.unpublished:  # withheld: nothing is left to do but say so
            OUTBOUND.labels(intent.channel.value, intent.purpose.value, intent.state.value).inc()
            await self.announcer.announce(intent.outbound_id)
        else:
            self.wake(intent.lane)
