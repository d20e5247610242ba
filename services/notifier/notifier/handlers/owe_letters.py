"""What the notifier does on each event. The handler of a case event records an intent and is done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from guichet.case.record import CaseRecord
from guichet.channel.outgoing.provider_reports import parse_report
from guichet.contracts.case_events import (
    AbuseDeclared,
    CaseEvent,
    CaseOpened,
    DeliverySettled,
    LinkRenewed,
    ReceiptOwed,
    ReplyRequested,
)
from guichet.contracts.delivery import DeliveryReported, Settlement
from guichet.errors import ErasedError
from guichet.follow_pages.page_content import is_sensitive
from guichet.kafka.records import Received
from guichet.runtime.telemetry.metrics import OUTBOUND
from guichet.runtime.telemetry.tracing import current_trace, spans_side_by_side
from guichet.store.cases.store import CaseStore
from guichet.store.deliveries.decisions import DeliveryDecisions
from guichet.store.deliveries.document import DeliveryDocument
from guichet.store.deliveries.store import Deliveries
from guichet.store.messages.document import MessageDocument
from guichet.store.messages.store import MessageStore
from guichet.town import Town
from notifier.domain.changes import OUTDATED, AtStep, Changed, change_of, is_no_news, is_said, step_change
from notifier.domain.intents import (
    acknowledgement_intent,
    answered_message,
    change_intent,
    leaves_at_once,
    link_intent,
    lost_reply_intent,
    notice_intent,
    receipt_intent,
    reply_intent,
    withheld,
)
from notifier.domain.wording import Wording
from notifier.handlers.announce_changes import Announcer

log = structlog.get_logger()


@dataclass(frozen=True)
class Handlers:
    """wake: tells a lane that it has something to do. note_owed: has a person hear of what is late already.

    Every handler raises TransientError while a store is away.
    """

    deliveries: Deliveries
    decisions: DeliveryDecisions
    cases: CaseStore
    messages: MessageStore
    announcer: Announcer
    town: Town
    wording: Wording
    wake: Callable[[str], None]
    note_owed: Callable[[Sequence[DeliveryDocument]], None]
    clock: Callable[[], datetime]

    async def owe_receipts(self, openings: Sequence[Received[CaseOpened]]) -> None:
        """Record that citizens are owed the AEE of their new cases, or why none is sent.

        Of an erased case an event that comes again records nothing and sends nothing; nor is anything owed where the
        acknowledgement leaves at once.
        """
        if not openings:
            return
        by_case = {each.event.case_id: each for each in openings}  # the router's sweeper tells some twice
        erased = await self.cases.erased(by_case)
        owed = [(case, each) for case, each in by_case.items() if not each.event.acknowledged]
        living = [each for case, each in owed if case not in erased]
        with spans_side_by_side([(CaseOpened.__name__, each.headers) for each in living]) as traces:
            await self._owe(
                [
                    receipt_intent(
                        each.event,
                        self.town.receipt_overdue_at(each.event.channel, each.event.received_at),
                        self.town.facts,
                    ).model_copy(update={"trace": trace})
                    for each, trace in zip(living, traces, strict=True)
                ]
            )

    async def owe_reply(self, requested: ReplyRequested) -> None:
        """Record that an agent's answer is to be sent, where the agent saw that it goes.

        Where that message was erased since, that it is not: it goes to nobody else, and the agent hears of it. Raises
        ErasedError when the case is gone.
        """
        case = await self._living(requested)
        found = await self.messages.find_many(filter(None, [requested.answers, case.answered_at, case.opened_by]))
        chosen = found.get(requested.answers) if requested.answers else answered_message(case, [*found.values()])
        intent = (
            reply_intent(requested, case, chosen, self.town.facts, whole=is_sensitive(requested.department, self.town))
            if chosen is not None
            else lost_reply_intent(requested, case, self.town.facts)
        )
        await self._owe([intent.model_copy(update={"trace": current_trace()})])

    async def owe_link(self, renewed: LinkRenewed) -> None:
        """Record that a new link is to be sent, where the router says. Raises ErasedError when the case is gone."""
        case = await self._living(renewed)
        chosen = renewed.answers or case.opened_by
        answered = _there((await self.messages.find_many([chosen])).get(chosen), case)
        intent = link_intent(renewed, case, answered, self.town.facts)
        await self._owe([intent.model_copy(update={"trace": current_trace()})])

    async def owe_notice(self, declared: AbuseDeclared) -> None:
        """Record that a sender is to be told that their messages were declared abusive. Raises ErasedError."""
        case = await self._living(declared)
        opening = _there((await self.messages.find_many([case.opened_by])).get(case.opened_by), case)
        intent = notice_intent(declared, case, opening, self.town.facts)
        await self._owe([intent.model_copy(update={"trace": current_trace()})])

    async def owe_change(self, changed: Changed) -> None:
        """Record that who opened a case is to hear what an agent did with it, but for a reason given.

        They have its link already; whoever wrote last may be somebody else. Raises ErasedError when the case is gone.
        """
        change = change_of(changed)
        if change is None:
            return
        case = await self._living(changed)
        opening = _there((await self.messages.find_many([case.opened_by])).get(case.opened_by), case)
        intent = change_intent(changed, change, case, opening, self.town)
        if is_no_news(changed, change, await self.deliveries.of_case(case.case_id), self.clock()):
            intent = withheld(intent, OUTDATED)
        await self._owe([intent.model_copy(update={"trace": current_trace()})])

    async def owe_step(self, begun: AtStep) -> None:
        """Record that who opened a case is to hear that a step of its workflow began, where the town has words for it.

        Once: not again of a step to which the case came back, unless nothing was written of it; of a sensitive sector
        never. Raises ErasedError when the case is gone.
        """
        if is_sensitive(begun.department, self.town):
            return
        case = await self._living(begun)
        change = step_change(begun, case, self.clock())
        if change is None or is_said(change, await self.deliveries.of_case(case.case_id)):
            return
        opening = _there((await self.messages.find_many([case.opened_by])).get(case.opened_by), case)
        intent = change_intent(begun, change, case, opening, self.town)
        await self._owe([intent.model_copy(update={"trace": current_trace()})])

    async def owe_acknowledgement(self, owed: ReceiptOwed) -> None:
        """Record that a citizen is owed the ARE, with what it says, or why none is sent. Raises ErasedError."""
        case = await self._living(owed)
        answered = _there((await self.messages.find_many([owed.answers])).get(owed.answers), case)
        since = case.received_at if leaves_at_once(owed) else owed.occurred_at
        overdue_at = self.town.receipt_overdue_at(answered.channel, since)
        intent = acknowledgement_intent(owed, case, answered, overdue_at, self.town.facts)
        assert intent.acknowledgement is not None
        in_parts = self.wording.is_in_parts(case, intent.channel, intent.acknowledgement)
        await self._owe([intent.model_copy(update={"in_parts": in_parts, "trace": current_trace()})])

    async def _living(self, event: CaseEvent) -> CaseRecord:
        case = (await self.cases.find_many([event.case_id])).get(event.case_id)
        if case is None or case.erasing:
            raise ErasedError(f"case {event.case_id} is erased")
        return case

    async def record_report(self, reported: DeliveryReported) -> None:
        """Record a provider's callback; one that comes late, doubled or about nothing we sent changes nothing."""
        said = parse_report(self.town.facts[reported.channel], reported)
        if said is None:
            log.warning("a provider's word that we do not know", status=reported.status)
            return
        moved = await self.deliveries.report(
            reported.outbound_id, said.state, self.clock(), said.reason, reported.provider_id
        )
        if moved:
            log.info("delivery moved", outbound_id=reported.outbound_id, state=said.state.value)
            self.announcer.announce_soon(moved)

    async def settle(self, settled: DeliverySettled) -> None:
        """Do what an agent said of a message whose fate was unknown, or of a letter that was posted. Told twice, or too
        late, it changes nothing.
        """
        about = (settled.outbound_id, settled.event_id, self.clock())
        if settled.settlement is not Settlement.SEND_AGAIN:
            was_posted = settled.settlement is Settlement.POSTED
            moved = await (self.decisions.posted(*about) if was_posted else self.decisions.received(*about))
            if moved:
                self.announcer.announce_soon(moved)
        elif again := await self.decisions.send_again(*about):
            log.info("an agent has it sent again", outbound_id=again.outbound_id)
            self.wake(again.lane)

    async def _owe(self, intents: Sequence[DeliveryDocument]) -> None:
        known = await self.deliveries.insert_new(*intents)
        new = [each for each in intents if each.outbound_id not in known]
        self.note_owed(new)
        for unsent in (each for each in new if each.unpublished):  # nothing is left to do but say so
            OUTBOUND.labels(unsent.channel, unsent.purpose.value, unsent.state.value).inc()
            self.announcer.announce_soon(unsent)
        for lane in sorted({each.lane for each in new if not each.unpublished}):
            self.wake(lane)


def _there(answered: MessageDocument | None, case: CaseRecord) -> MessageDocument:
    if answered is None:
        raise ErasedError(f"case {case.case_id}: the message to answer is gone")
    return answered
