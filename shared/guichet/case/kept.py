"""What a case keeps of its own events, once they lie in its history. Pure."""

from typing import Final

from guichet.case.legal_facts import fact_of, with_fact
from guichet.case.newest import Said, with_newest
from guichet.case.record import CaseRecord, Changes
from guichet.contracts.case_events import (
    AbuseDeclared,
    AbuseLifted,
    CaseAssigned,
    CaseClosed,
    CaseEvent,
    CaseMoved,
    CaseOpened,
    CaseReopened,
    CaseRerouted,
    CaseSnoozed,
    ClockReached,
    CommandRefused,
    DeliverySettled,
    FactStated,
    LinkRenewed,
    MessageFiled,
    NoteAdded,
    ReplyRequested,
    SenderConfirmed,
    StepReached,
    TaskMarked,
    WorkflowBegun,
)
from guichet.contracts.inbound import FROM_PEOPLE
from guichet.ids import AgentId

VISIBLE: Final = (
    *(CaseOpened, MessageFiled, CaseMoved, CaseClosed, CaseRerouted, ReplyRequested, LinkRenewed),
    *(FactStated, ClockReached, WorkflowBegun, TaskMarked, StepReached),
)
"""The events that may change what the citizen's pages show: see `is_visible`."""

_DECIDED: Final = (
    *(CaseOpened, ReplyRequested, CaseRerouted, CaseClosed),
    *(SenderConfirmed, AbuseDeclared, AbuseLifted, DeliverySettled, CaseAssigned, NoteAdded, CaseSnoozed),
    *(CaseReopened, FactStated),
)
_SPOKEN: Final = (CaseOpened, MessageFiled, ReplyRequested)  # a delivery report is no word of anybody
_LEAVES_NEWS: Final = (CommandRefused, CaseAssigned, NoteAdded, CaseSnoozed, TaskMarked)
"""What an agent may do without having read: it came to nothing, or is about the work alone."""


def is_visible(event: object) -> bool:
    """Say whether an event changes what the citizen's pages show.

    Of the clocks they are told of silence alone; of messages, of those that answer a question.
    """
    if isinstance(event, ClockReached):
        return event.stage == "decided"
    if isinstance(event, MessageFiled):
        return event.question is not None
    return isinstance(event, VISIBLE)


def kept_of(case: CaseRecord, event: CaseEvent) -> Changes:
    """Return what the case itself keeps of an event, once that lies in the history."""
    kept: Changes = {}
    by: AgentId | None = getattr(event, "by", None)
    if _is_said(event):
        kept["newest"] = with_newest(case.newest, Said(id=event.caused_by, by=by))
    if isinstance(event, _SPOKEN):
        kept["last_spoken_at"] = max(case.last_spoken_at or event.occurred_at, event.occurred_at)
    if is_visible(event):
        kept["page_version"] = event.version
    if by is not None and by not in case.taken_up_by:
        kept["taken_up_by"] = (*case.taken_up_by, by)
    if isinstance(event, MessageFiled):
        kept["has_news"] = True
    elif by is not None and not isinstance(event, _LEAVES_NEWS):
        kept["has_news"] = False
    if _puts_to_rest(event) is not None:
        kept["at_rest"] = _puts_to_rest(event) or None
    if isinstance(event, AbuseDeclared | AbuseLifted) or _found_nothing_to_lift(event):
        kept["abuse_lifted"] = not isinstance(event, AbuseDeclared)
    if (fact := fact_of(event)) is not None:
        kept["facts"] = with_fact(case.facts, fact)
    return kept


def _puts_to_rest(event: CaseEvent) -> bool | None:
    """Say whether a case rests after an event: it waits for no word of ours. None: as before."""
    if isinstance(event, ReplyRequested) or (isinstance(event, CaseSnoozed) and event.until is not None):
        return True
    if isinstance(event, CaseOpened | CaseRerouted | CaseSnoozed | CaseReopened) or _is_a_citizens_word(event):
        return False
    return None


def _is_said(event: CaseEvent) -> bool:
    """Say whether an event is what somebody wrote or decided. A machine's mail is so only where it opens the case."""
    if isinstance(event, CaseAssigned | CaseSnoozed):
        return event.by is not None
    if isinstance(event, CaseClosed) and event.on_the_spot:  # its opening is said under the same id
        return False
    return isinstance(event, _DECIDED) or _is_a_citizens_word(event)


def _is_a_citizens_word(event: CaseEvent) -> bool:
    return isinstance(event, MessageFiled) and event.automatic in FROM_PEOPLE


def _found_nothing_to_lift(event: CaseEvent) -> bool:
    return isinstance(event, CommandRefused) and event.why == "not-declared"
