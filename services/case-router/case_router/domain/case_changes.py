"""What happens to a case: each change is an event, which waits in the outbox and becomes a line of the history. Pure.

Times are those of the cause (arrival at our edge, the agent's click), so that a replay decides the very same events.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from case_router.domain.participants import PARTICIPANTS_AT_MOST
from guichet.case.newest import Said, with_newest
from guichet.case.record import CaseRecord, OutboxEntry
from guichet.contracts.base import Sealed
from guichet.contracts.case_events import (
    AbuseDeclared,
    AbuseLifted,
    CaseClosed,
    CaseEvent,
    CaseMoved,
    CaseOpened,
    CaseRerouted,
    CaseState,
    CommandRefused,
    DeliverySettled,
    MessageFiled,
    ReplyRequested,
    SenderConfirmed,
)
from guichet.contracts.inbound import Automatic
from guichet.ids import AgentId, event_id
from guichet.store.cases.followed import VISIBLE
from guichet.store.messages.document import MessageDocument

# An out-of-office note or a bounce is no answer. The wish for no automatic answer does not make a mail one.
_FROM_PEOPLE = frozenset({None, Automatic.RESPONSE_SUPPRESSED})
_DECIDED = (
    *(CaseOpened, ReplyRequested, CaseRerouted, CaseClosed),
    *(SenderConfirmed, AbuseDeclared, AbuseLifted, DeliverySettled),
)
_SPOKEN = (CaseOpened, MessageFiled, ReplyRequested)  # a delivery report is no word of anybody
_MOVED_BY_A_MESSAGE = frozenset({CaseState.WAITING_FOR_CITIZEN, CaseState.CLOSED})


def happened(
    case: CaseRecord,
    kind: type[CaseEvent],
    cause: str,
    at: datetime,
    *,
    trace: str | None = None,
    **fields: Any,
) -> CaseRecord:
    """Return the case one event later. fields: the event's own.

    trace: of the cause, where it is known here; see `traced`.

    The event carries sector, department and citizen as they are in `case`: change those first. What a person wrote or
    decided is noted as the case's newest.
    """
    event = kind(
        event_id=event_id(cause, kind.__name__),
        occurred_at=at,
        case_id=case.case_id,
        reference=case.reference,
        version=case.version + 1,
        caused_by=cause,
        sector=case.sector,
        department=case.department,
        citizen=case.citizen,
        **fields,
    )
    return case.model_copy(
        update={
            "version": event.version,
            "updated_at": max(case.updated_at, at),
            "outbox": (*case.outbox, OutboxEntry(cause=cause, event=event.model_dump(mode="json"), trace=trace)),
            **_kept_of(case, event),
        }
    )


def _is_said(event: CaseEvent) -> bool:
    """Say whether an event is what somebody wrote or decided. A machine's mail is so only where it opens the case."""
    return isinstance(event, _DECIDED) or (isinstance(event, MessageFiled) and event.automatic in _FROM_PEOPLE)


def _kept_of(case: CaseRecord, event: CaseEvent) -> dict[str, Any]:
    """Return what the case itself keeps of an event, once that lies in the history."""
    kept: dict[str, Any] = {}
    by: AgentId | None = getattr(event, "by", None)
    if _is_said(event):
        kept["newest"] = with_newest(case.newest, Said(id=event.caused_by, by=by))
    if isinstance(event, _SPOKEN):
        kept["last_spoken_at"] = max(case.last_spoken_at or event.occurred_at, event.occurred_at)
    if isinstance(event, VISIBLE):
        kept["page_version"] = event.version
    if by is not None and by not in case.taken_up_by:
        kept["taken_up_by"] = (*case.taken_up_by, by)
    if isinstance(event, MessageFiled):
        kept["has_news"] = True
    elif by is not None and not isinstance(event, CommandRefused):  # perhaps because its author had not seen the news
        kept["has_news"] = False
    if isinstance(event, AbuseDeclared | AbuseLifted) or _found_nothing_to_lift(event):
        kept["abuse_lifted"] = not isinstance(event, AbuseDeclared)
    return kept


def _found_nothing_to_lift(event: CaseEvent) -> bool:
    return isinstance(event, CommandRefused) and event.why == "not-declared"


def moved(
    case: CaseRecord, to: CaseState, cause: str, at: datetime, *, by: str | None = None, trace: str | None = None
) -> CaseRecord:
    """Return the case in another state; unchanged when it is there already."""
    if case.state == to:
        return case
    there = case.model_copy(update={"state": to, "closed_at": None})
    return happened(there, CaseMoved, cause, at, trace=trace, from_state=case.state, to_state=to, by=by)


def opened(case: CaseRecord, message: MessageDocument) -> CaseRecord:
    """Return a new case (version 0) with its first event."""
    return happened(
        case,
        CaseOpened,
        message.message_id,
        message.at,
        trace=message.trace,
        message_id=message.message_id,
        channel=message.channel,
        account=case.account,
        received_at=message.at,
        automatic=message.automatic,
        routing=case.routing,
    )


def unacknowledged(case: CaseRecord, why: Sealed) -> CaseRecord:
    """Return a new case for which no receipt is owed: its opening says so. why: the sealed NoReceipt."""
    opening, *later = case.outbox
    said = opening.model_copy(update={"event": {**opening.event, "declared_abusive": True}})
    return case.model_copy(update={"no_receipt": why, "outbox": (said, *later)})


def joined(case: CaseRecord, message: MessageDocument, people: Collection[str]) -> CaseRecord:
    """Return the case with one more message. What a person writes moves it on, or opens it again (0005).

    people: the case's own tags of who wrote it and who was addressed.
    """
    is_written = message.automatic in _FROM_PEOPLE
    grown = _answered_to(case, message, people) if is_written else case
    filed = happened(
        grown,
        MessageFiled,
        message.message_id,
        message.at,
        trace=message.trace,
        message_id=message.message_id,
        channel=message.channel,
        received_at=message.at,
        automatic=message.automatic,
    )
    if not is_written or case.state not in _MOVED_BY_A_MESSAGE:
        return filed
    return moved(filed, CaseState.IN_PROGRESS, message.message_id, message.at, trace=message.trace)


def _answered_to(case: CaseRecord, message: MessageDocument, people: Collection[str]) -> CaseRecord:
    """Return the case whose next answer goes to this message's sender; a machine's mail never gets one."""
    newcomers = sorted(set(people).difference(case.participants))
    participants = (*case.participants, *newcomers)[: max(len(case.participants), PARTICIPANTS_AT_MOST)]
    return case.model_copy(update={"last_inbound": message.message_id, "participants": participants})


def traced(case: CaseRecord, traces: Mapping[str, str | None]) -> CaseRecord:
    """Return the case, each event in its outbox with the trace of its cause. traces: by command or report."""
    if all(entry.trace or traces.get(entry.cause) is None for entry in case.outbox):
        return case
    outbox = (
        entry if entry.trace else entry.model_copy(update={"trace": traces.get(entry.cause)}) for entry in case.outbox
    )
    return case.model_copy(update={"outbox": tuple(outbox)})
