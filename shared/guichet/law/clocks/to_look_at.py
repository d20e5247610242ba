"""What in a case's facts a person has to look at, because no clock can say it (docs/decisions/0092). Pure."""

from collections.abc import Iterator

from guichet.law.clocks.decision import is_notified_only, is_taken_only
from guichet.law.clocks.doubt import Doubt
from guichet.law.clocks.facts import PriorityGiven, PriorRemedy, Received, TransferAnnounced, Transferred
from guichet.law.clocks.known_facts import KnownFacts
from guichet.law.clocks.pieces import is_held_already, is_not_asked_for
from guichet.law.clocks.procedure_in_force import procedure_of
from guichet.law.clocks.remedy import remedy_rule_of
from guichet.law.clocks.rules import ProcedureRule, TownRules


def doubts_of(history: KnownFacts, own: KnownFacts, received: Received, town: TownRules) -> Iterator[Doubt]:
    """Yield why. own: the facts from receipt on."""
    procedure = procedure_of(history, town, received.on)
    found = (
        (is_taken_only(own), Doubt.NOT_NOTIFIED),
        (is_notified_only(own), Doubt.NOTIFIED_ALONE),
        (_is_dated_before(history), Doubt.DATED_BEFORE_RECEIPT),
        (is_held_already(history.since(received.first_on), procedure), Doubt.HELD_ALREADY),
        (is_not_asked_for(history.since(received.first_on)), Doubt.PIECE_NOT_ASKED_FOR),
        (_is_not_announced(own), Doubt.NOT_ANNOUNCED),
        (_has_unconfirmed_remedy(own, town), Doubt.REMEDY_TO_BE_CONFIRMED),
    )
    yield from (doubt for holds, doubt in found if holds)
    yield from _of_priority(history, procedure.rule if procedure else None)


def _is_dated_before(history: KnownFacts) -> bool:
    """Before whatever was received first, what seizes nobody included: it may have been answered."""
    return history.has_deed_before(min(each.first_on for each in history.all(Received)))


def _is_not_announced(own: KnownFacts) -> bool:
    """No text gives a number of days for it, so that no due day would ever show it."""
    began = own.first_on(Transferred)
    return began is not None and not any(each.on >= began for each in own.all(TransferAnnounced))


def _has_unconfirmed_remedy(own: KnownFacts, town: TownRules) -> bool:
    return bool(own.all(PriorRemedy)) and remedy_rule_of(own, town) is None


def _of_priority(history: KnownFacts, procedure: ProcedureRule | None) -> Iterator[Doubt]:
    if procedure is None or not procedure.targets:
        return
    if history.contradicts_itself(PriorityGiven):
        yield Doubt.TWO_PRIORITIES
    given = history.latest(PriorityGiven)
    if given is not None and given.priority not in procedure.targets:
        yield Doubt.UNKNOWN_PRIORITY
