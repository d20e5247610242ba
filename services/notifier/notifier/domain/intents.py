"""What the town owes a citizen after an event. Pure: events and documents in, an intent out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from guichet.case.legal_facts import standing
from guichet.case.record import CaseRecord
from guichet.contracts.acknowledgement import Acknowledgement
from guichet.contracts.case_events import (
    AbuseDeclared,
    CaseEvent,
    CaseOpened,
    LinkRenewed,
    ReceiptOwed,
    ReplyRequested,
)
from guichet.contracts.channels import ChannelFacts, Form, KnownChannels
from guichet.contracts.delivery import DeliveryState, Purpose
from guichet.contracts.inbound import Automatic
from guichet.contracts.legal_facts import FactKind, StatedFact
from guichet.ids import MessageId, ProcedureId, derive_id, receipt_id
from guichet.store.deliveries.decisions import NOT_ELECTRONIC
from guichet.store.deliveries.document import AbuseNotice, Change, DeliveryDocument
from guichet.store.messages.document import MessageDocument
from guichet.town import Town
from notifier.domain.changes import AtStep, Changed, said_at

ERASED: Final = "erased"
DECLARED_ABUSIVE: Final = "declared-abusive"
TRANSFERRED: Final = "transferred"
THE_TOWNS_OWN: Final = ""  # no address of the town: each sender then takes that by which the town writes first


def receipt_intent(opened: CaseOpened, overdue_at: datetime | None, channels: KnownChannels) -> DeliveryDocument:
    """Return the AEE of a case: withheld from machines, where there is no electronic way back, and where an agent has
    declared the sender's messages abusive, so that none is owed (docs/law.md 13).

    overdue_at: end of the next working day, None where no legal clock runs.
    """
    why = opened.automatic.value if opened.automatic else DECLARED_ABUSIVE if opened.declared_abusive else None
    if not channels[opened.channel].is_electronic:
        why = NOT_ELECTRONIC
    return DeliveryDocument(
        _id=receipt_id(opened.case_id, Purpose.AEE),
        case_id=opened.case_id,
        purpose=Purpose.AEE,
        channel=opened.channel,
        lane=channels[opened.channel].lane or NOT_ELECTRONIC,
        account=opened.account,
        answers=opened.message_id,
        state=DeliveryState.WITHHELD if why else DeliveryState.PENDING,
        reason=why,
        requested_at=opened.occurred_at,
        due_at=opened.occurred_at,
        changed_at=opened.occurred_at,
        overdue_at=overdue_at,
        unpublished=why is not None,
    )


def reply_intent(
    requested: ReplyRequested,
    case: CaseRecord,
    answered: MessageDocument,
    channels: KnownChannels,
    *,
    whole: bool = False,
) -> DeliveryDocument:
    """Return the intent to send an agent's answer on the channel of the message that it answers.

    Where that is by voice or on paper, on the one that reaches who left an address (docs/decisions/0062). Where its
    agent chose another address of the citizen's, on that one's, by the account that the town writes first by.
    whole: it is never cut short: where one message of the channel cannot hold it, it goes in parts.
    """
    onto = channels[requested.goes_by] if requested.goes_by else channels.reaching(answered.channel)
    intent = _back_to_the_sender(requested, case, answered, Purpose.REPLY, requested.outbound_id, onto)
    answers_there = channels.reaching(answered.channel).answered_on == onto.answered_on
    account = intent.account if answers_there else THE_TOWNS_OWN  # what was written to is no account of another channel
    in_parts, to_chosen = whole and onto.form is Form.SHORT, requested.goes_by is not None
    own = {"account": account, "in_parts": in_parts, "to_chosen": to_chosen, "closes": requested.closes}
    return intent.model_copy(update=own)


def lost_reply_intent(requested: ReplyRequested, case: CaseRecord, channels: KnownChannels) -> DeliveryDocument:
    """Return what says that an agent's answer is not sent: the message that it answers was erased."""
    return DeliveryDocument(
        _id=requested.outbound_id,
        case_id=requested.case_id,
        purpose=Purpose.REPLY,
        channel=case.channel,
        lane=channels[case.channel].lane or NOT_ELECTRONIC,
        account=case.account,
        answers=requested.answers or case.opened_by,
        state=DeliveryState.WITHHELD,
        reason=ERASED,
        requested_at=requested.occurred_at,
        due_at=requested.occurred_at,
        changed_at=requested.occurred_at,
        unpublished=True,
    )


def link_intent(
    renewed: LinkRenewed, case: CaseRecord, answered: MessageDocument, channels: KnownChannels
) -> DeliveryDocument:
    """Return the intent to send a new link to the sender of the message that the router chose."""
    outbound_id = MessageId(derive_id("link", renewed.event_id))
    return _back_to_the_sender(renewed, case, answered, Purpose.LINK, outbound_id, channels[answered.channel])


def notice_intent(
    declared: AbuseDeclared, case: CaseRecord, opening: MessageDocument, channels: KnownChannels
) -> DeliveryDocument:
    """Return the intent to tell the author of the opening message what was decided: withheld from ourselves alone.

    It is one message, and says that a machine sent it, so no machine answers it. A forger who has their mail look like
    a machine's must not keep from whom they write as that their messages get no receipt.
    """
    outbound_id = MessageId(derive_id("abuse-notice", declared.event_id))
    intent = _back_to_the_sender(declared, case, opening, Purpose.ABUSE, outbound_id, channels[opening.channel])
    notice = intent.model_copy(update={"notice": AbuseNotice(ground=declared.ground, until=declared.until)})
    if opening.automatic is not Automatic.OWN_MESSAGE:
        return notice
    return withheld(notice, opening.automatic.value)


def change_intent(
    changed: Changed | AtStep, change: Change, case: CaseRecord, answered: MessageDocument, town: Town
) -> DeliveryDocument:
    """Return the intent to tell a citizen what became of their case: withheld where its AEE would be, and of a case
    that was passed on, whose letter says so.
    """
    outbound_id = MessageId(derive_id("change", changed.event_id))
    onto = town.facts[answered.channel]
    intent = _back_to_the_sender(changed, case, answered, Purpose.CHANGE, outbound_id, onto)
    intent = intent.model_copy(update={"change": change, "due_at": said_at(changed, town)})
    return withheld(intent, answered.automatic.value if answered.automatic else _why_none_is_owed(case))


def withheld(intent: DeliveryDocument, why: str | None) -> DeliveryDocument:
    """Return an intent of which nothing leaves; as it is where there is no reason, or another one already."""
    if why is None or intent.state is DeliveryState.WITHHELD:
        return intent
    return intent.model_copy(update={"state": DeliveryState.WITHHELD, "reason": why, "unpublished": True})


def acknowledgement_intent(
    owed: ReceiptOwed,
    case: CaseRecord,
    answered: MessageDocument,
    overdue_at: datetime | None,
    channels: KnownChannels,
) -> DeliveryDocument:
    """Return the ARE that is to leave now: withheld where the AEE would be (docs/law.md 13), and where the case was
    passed on meanwhile to another administration, which acknowledges it (docs/law.md 16).

    Each event has one of its own: what corrects one is another. overdue_at: as of `receipt_intent`.
    """
    outbound_id = MessageId(derive_id("acknowledgement", owed.event_id))
    intent = _back_to_the_sender(owed, case, answered, Purpose.ARE, outbound_id, channels[answered.channel])
    says = Acknowledgement(
        received_on=owed.received_on,
        is_full=owed.is_full,
        silence=owed.silence,
        procedure=_confirmed_procedure(case, owed.occurred_at),
        is_appeal=_is_appeal(case, owed.occurred_at),
        corrects=owed.corrects,
        is_first=leaves_at_once(owed),
    )
    intent = intent.model_copy(update={"acknowledgement": says, "overdue_at": overdue_at})
    return withheld(intent, answered.automatic.value if answered.automatic else _why_none_is_owed(case))


def leaves_at_once(owed: ReceiptOwed) -> bool:
    """Say whether a case's opening itself brought the acknowledgement about: no AEE leaves then (docs/law.md 7)."""
    return owed.caused_by == owed.answers


def _why_none_is_owed(case: CaseRecord) -> str | None:
    if _is_abusive(case):
        return DECLARED_ABUSIVE
    return TRANSFERRED if any(fact.event is FactKind.TRANSFERRED for fact in standing(case.facts)) else None


def _is_abusive(case: CaseRecord) -> bool:
    """Say whether the sender's messages stand declared abusive, by what was said last."""
    kinds = (FactKind.ABUSE_DECLARED, FactKind.ABUSE_LIFTED)
    said = [fact.event for fact in standing(case.facts) if fact.event in kinds]
    return said[-1] is FactKind.ABUSE_DECLARED if said else case.no_receipt is not None


def _confirmed_procedure(case: CaseRecord, at: datetime) -> ProcedureId | None:
    """Return what the case was said to ask for by then; what a rule of routing guessed, or was withdrawn, is not said.

    Of a case that went to another department it is what silence was reckoned by, though the case bears none any more.
    """
    confirmed = [fact.procedure for fact in _stood(case, at) if fact.event is FactKind.PROCEDURE_CONFIRMED]
    return confirmed[-1] if confirmed else None


def _is_appeal(case: CaseRecord, at: datetime) -> bool:
    natures = [fact.nature for fact in _stood(case, at) if fact.event is FactKind.QUALIFIED]
    return natures[-1:] == ["appeal"]


def _stood(case: CaseRecord, at: datetime) -> Sequence[StatedFact]:
    """Return what stood of a case then: a notifier may be late, and says what its event says."""
    return standing(tuple(fact for fact in case.facts if fact.at <= at))


def _back_to_the_sender(
    cause: CaseEvent,
    case: CaseRecord,
    answered: MessageDocument,
    purpose: Purpose,
    outbound_id: MessageId,
    onto: ChannelFacts,
) -> DeliveryDocument:
    return DeliveryDocument(
        _id=outbound_id,
        case_id=cause.case_id,
        purpose=purpose,
        channel=onto.name,
        lane=onto.lane or NOT_ELECTRONIC,
        account=_account(case, answered),
        answers=answered.message_id,
        state=DeliveryState.PENDING if onto.is_electronic else DeliveryState.WITHHELD,
        reason=None if onto.is_electronic else NOT_ELECTRONIC,
        requested_at=cause.occurred_at,
        due_at=cause.occurred_at,
        changed_at=cause.occurred_at,
        unpublished=not onto.is_electronic,
    )


def answered_message(case: CaseRecord, messages: list[MessageDocument]) -> MessageDocument | None:
    """Choose whom an answer goes to: the last message, unless a machine wrote it (a bounce, an absence notice)."""
    by_id = {message.message_id: message for message in messages}
    last, first = by_id.get(case.answered_at), by_id.get(case.opened_by)
    if last is not None and last.automatic is not None and first is not None and first.automatic is None:
        return first
    return last or first


def _account(case: CaseRecord, answered: MessageDocument) -> str:
    """The account that the case answers from, or, where the citizen changed channels, the one they wrote to."""
    if answered.channel == case.channel or not answered.accounts:
        return case.account
    return answered.accounts[0]
