"""The facts of a case, as it keeps them and as the law's clocks ask for them. Pure."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Final, Protocol

from guichet.case.record import CaseRecord
from guichet.contracts.case_events import (
    AbuseDeclared,
    AbuseLifted,
    CaseClosed,
    CaseEvent,
    CaseMoved,
    CaseOpened,
    CaseState,
    FactStated,
)
from guichet.contracts.delivery import DeliveryChanged, DeliveryState, Purpose
from guichet.contracts.inbound import FROM_PEOPLE, ChannelName
from guichet.contracts.legal_facts import DATED_BY_AGENTS, STATED_BY_AGENTS, FactKind, StatedFact
from guichet.law.calendar import paris_date
from guichet.law.clocks import facts as law

FACTS_AT_MOST: Final = 200
"""Of one case: what agents tell. The rest is few, whatever happens."""
LEFT: Final = frozenset({DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ})
"""What is said of a message that has left the town."""
_IN_TURN: Final = frozenset({FactKind.CLOSED, FactKind.REOPENED})
_OF_ABUSE: Final = frozenset({FactKind.ABUSE_DECLARED, FactKind.ABUSE_LIFTED})
_ONLY_THE_FIRST: Final = frozenset({FactKind.ANSWERED, FactKind.RECEIPT_SENT})
_AS_THE_LAW_SAYS: Final[Mapping[FactKind, Callable[[StatedFact], law.LegalFact]]] = {
    FactKind.PROCEDURE_CONFIRMED: lambda fact: law.ProcedureConfirmed(fact.at, str(fact.procedure)),
    FactKind.QUALIFIED: lambda fact: law.Qualified(fact.at, law.Nature(str(fact.nature))),
    FactKind.PRIORITY_GIVEN: lambda fact: law.PriorityGiven(fact.at, str(fact.priority)),
    FactKind.PIECES_ASKED_FOR: lambda fact: law.PiecesAskedFor(fact.at, *_asked_for(fact)),
    FactKind.PIECE_ARRIVED: lambda fact: law.PieceArrived(fact.at, str(fact.piece)),
    FactKind.FILE_COMPLETE: lambda fact: law.FileComplete(fact.at),
    FactKind.DECISION_TAKEN: lambda fact: law.DecisionTaken(fact.at),
    FactKind.DECISION_NOTIFIED: lambda fact: law.DecisionNotified(fact.at),
    FactKind.TRANSFERRED: lambda fact: law.Transferred(fact.at, str(fact.to)),
    FactKind.TRANSFER_ANNOUNCED: lambda fact: law.TransferAnnounced(fact.at),
    FactKind.PRIOR_REMEDY: lambda fact: law.PriorRemedy(fact.at),
    FactKind.RIGHTS_REQUESTED: lambda fact: law.RightsRequested(fact.at),
    FactKind.RIGHTS_EXTENDED: lambda fact: law.RightsExtended(fact.at, fact.asked_on),
    FactKind.RIGHTS_ANSWERED: lambda fact: law.RightsAnswered(fact.at),
    FactKind.WITHDRAWN: lambda fact: law.Withdrawn(fact.at, _what(fact)),
    FactKind.ABUSE_DECLARED: lambda fact: law.AbuseDeclared(fact.at),
    FactKind.ABUSE_LIFTED: lambda fact: law.AbuseLifted(fact.at),
    FactKind.RECEIPT_SENT: lambda fact: law.ReceiptSent(fact.at, law.Receipt(str(fact.receipt))),
    FactKind.ANSWERED: lambda fact: law.Answered(fact.at),
    FactKind.CLOSED: lambda fact: law.Closed(fact.at),
    FactKind.REOPENED: lambda fact: law.Reopened(fact.at),
}


class Saisines(Protocol):
    """A town, of which is asked how what came on a channel seized it."""

    def saisine_on(self, channel: ChannelName) -> law.Saisine:
        """Return it."""


def facts_of(case: CaseRecord, town: Saisines) -> tuple[law.LegalFact, ...]:
    """Return what the clocks of a case are reckoned from."""
    return law.Received(case.received_at, _saisine(case, town)), *(as_the_law_says(fact) for fact in case.facts)


def _saisine(case: CaseRecord, town: Saisines) -> law.Saisine:
    """What a machine sent seizes nobody, and no receipt goes to it."""
    if case.automatic not in FROM_PEOPLE:
        return law.Saisine.CONTACT_ONLY
    return town.saisine_on(case.channel)


def as_the_law_says(fact: StatedFact) -> law.LegalFact:
    """Return a fact as the clocks ask for it."""
    return _AS_THE_LAW_SAYS[fact.event](fact)


def _asked_for(fact: StatedFact) -> tuple[tuple[law.AskedPiece, ...], date]:
    assert fact.asked is not None
    return tuple(law.AskedPiece(each.name, each.required_by) for each in fact.asked.pieces), fact.asked.until


def _what(fact: StatedFact) -> law.LegalFact:
    assert fact.what is not None
    return as_the_law_says(fact.what)


def fact_of(event: CaseEvent) -> StatedFact | None:
    """Return the fact that an event tells; None: it tells none. A delivery's: `fact_of_delivery`."""
    match event:
        case FactStated():
            return event.fact
        case CaseOpened() if event.declared_abusive:
            return StatedFact(event=FactKind.ABUSE_DECLARED, at=event.occurred_at)
        case AbuseDeclared():
            return StatedFact(event=FactKind.ABUSE_DECLARED, at=event.occurred_at)
        case AbuseLifted():
            return StatedFact(event=FactKind.ABUSE_LIFTED, at=event.occurred_at)
        case CaseClosed():
            return StatedFact(event=FactKind.CLOSED, at=event.occurred_at)
        case CaseMoved() if event.from_state is CaseState.CLOSED:
            return StatedFact(event=FactKind.REOPENED, at=event.occurred_at)
        case _:
            return None


def fact_of_delivery(report: DeliveryChanged) -> StatedFact | None:
    """Return what a report tells: that a receipt, or an answer, left; None: neither did."""
    if report.state not in LEFT:
        return None
    if report.purpose is Purpose.REPLY:
        return StatedFact(event=FactKind.ANSWERED, at=report.occurred_at)
    if report.purpose is Purpose.AEE:
        return StatedFact(event=FactKind.RECEIPT_SENT, at=report.occurred_at, receipt="aee")
    if report.purpose is Purpose.ARE:
        return StatedFact(event=FactKind.RECEIPT_SENT, at=report.occurred_at, receipt="are")
    return None


def may_state(fact: StatedFact, facts: tuple[StatedFact, ...]) -> bool:
    """Say whether an agent may tell a fact of a case, or withdraw one that an agent told and that stands."""
    if fact.event is not FactKind.WITHDRAWN:
        return fact.event in STATED_BY_AGENTS
    return fact.what is not None and fact.what.event in STATED_BY_AGENTS and fact.what in standing(facts)


def may_be_of(fact: StatedFact, received_at: datetime, told_at: datetime) -> bool:
    """Say whether an agent may tell a fact of its day: of a day since receipt, where its kind is dated by agents.

    Of every other its author's moment is the fact's, so that nobody tells one into the past.
    """
    if fact.event not in DATED_BY_AGENTS:
        return fact.at == told_at
    return paris_date(received_at) <= paris_date(fact.at) and fact.at <= told_at


def stands_so(fact: StatedFact, facts: tuple[StatedFact, ...]) -> bool:
    """Say whether the last of its kind that stands says the same already; of what agents date, the same of its day."""
    if fact.event in DATED_BY_AGENTS:
        return any(_is_of_the_same_day(fact, each) for each in standing(facts))
    if fact.event is FactKind.FILE_COMPLETE:
        return is_said_complete(facts)
    alike = [each for each in standing(facts) if each.event is fact.event]
    return fact.event is not FactKind.WITHDRAWN and bool(alike) and alike[-1].value == fact.value


def is_said_complete(facts: tuple[StatedFact, ...]) -> bool:
    """Say whether a person confirmed that nothing lacks of the procedure that the case is of now.

    What was complete for one procedure may lack for another.
    """
    told = [each for each in standing(facts) if each.event in {FactKind.FILE_COMPLETE, FactKind.PROCEDURE_CONFIRMED}]
    return bool(told) and told[-1].event is FactKind.FILE_COMPLETE


def is_decided_expressly(facts: tuple[StatedFact, ...]) -> bool:
    """Say whether a person took a decision, and stands by it: then nobody is told what silence did, or attested it."""
    return any(each.event is FactKind.DECISION_TAKEN for each in standing(facts))


def stated_anew(fact: StatedFact, facts: tuple[StatedFact, ...]) -> StatedFact:
    """Return a fact as another than those that the case has had: one that was withdrawn may be so after all."""
    while fact in facts:
        fact = fact.model_copy(update={"at": fact.at + timedelta(microseconds=1)})
    return fact


def _is_of_the_same_day(one: StatedFact, other: StatedFact) -> bool:
    return one == other.model_copy(update={"at": one.at}) and paris_date(one.at) == paris_date(other.at)


def standing(facts: tuple[StatedFact, ...]) -> tuple[StatedFact, ...]:
    """Return those that nobody withdrew, by time."""
    withdrawn = [each.what for each in facts if each.event is FactKind.WITHDRAWN]
    return tuple(sorted((each for each in facts if each not in withdrawn), key=lambda each: each.at))


def with_fact(facts: tuple[StatedFact, ...], fact: StatedFact) -> tuple[StatedFact, ...]:
    """Return a case's facts with one more, as few as say the same to every clock.

    Of what may happen without end a few are kept: the first answer and the first receipt of a kind, the last reopening,
    from which targets count anew, of closings the first and the last, and of abuse the last lifting and what was
    declared since. It says so from the day of the last fact on.
    """
    if fact.event in _OF_ABUSE:
        return _with_abuse(facts, fact)
    fact = _in_turn(fact, facts)
    if fact in facts:
        return facts
    alike = sorted([*(each for each in facts if _is_alike(each, fact)), fact], key=lambda each: each.at)
    if fact.event in _ONLY_THE_FIRST:
        alike = alike[:1]
    elif fact.event is FactKind.REOPENED:
        alike = alike[-1:]
    elif fact.event is FactKind.CLOSED:
        alike = [alike[0], *alike[1:][-1:]]
    return (*(each for each in facts if not _is_alike(each, fact)), *alike)


def _with_abuse(facts: tuple[StatedFact, ...], fact: StatedFact) -> tuple[StatedFact, ...]:
    """Return a case's facts with one more of abuse: what was declared before the last lifting says nothing any more.

    Of declarations since, which widen one another, the first counts; the last stays, too, should a lifting between them
    be told late.
    """
    if fact in facts:
        return facts
    told = sorted([*(each for each in facts if each.event in _OF_ABUSE), fact], key=lambda each: each.at)
    lifted = [each for each in told if each.event is FactKind.ABUSE_LIFTED][-1:]
    since = [each for each in told if each.event is FactKind.ABUSE_DECLARED and (not lifted or each.at > lifted[0].at)]
    return (*(each for each in facts if each.event not in _OF_ABUSE), *lifted, *since[:1], *since[1:][-1:])


def _in_turn(fact: StatedFact, facts: tuple[StatedFact, ...]) -> StatedFact:
    """Return a closing or a reopening as later than those before it, as the case lived through them.

    A message that waited may have been written before the closing that it undid, and a click made before that message.
    """
    before = [each.at for each in facts if each.event in _IN_TURN]
    if fact.event not in _IN_TURN or not before or fact.at > max(before):
        return fact
    return fact.model_copy(update={"at": max(before) + timedelta(microseconds=1)})


def _is_alike(one: StatedFact, other: StatedFact) -> bool:
    return (one.event, one.receipt) == (other.event, other.receipt)
