"""Which version of its procedure's rule a case follows: that of the day that decides (docs/law.md 63). Pure."""

from datetime import date

from guichet.law.clocks.doubt import Doubt
from guichet.law.clocks.facts import ProcedureConfirmed, Received
from guichet.law.clocks.in_force import Version
from guichet.law.clocks.known_facts import KnownFacts
from guichet.law.clocks.rules import ProcedureRule, TownRules


def procedure_of(history: KnownFacts, town: TownRules, on: date) -> Version[ProcedureRule] | None:
    """Return the rule, as it was on a day, of the procedure that was confirmed last; None where none is known."""
    confirmed = history.latest(ProcedureConfirmed)
    return town.procedure(confirmed.procedure, on) if confirmed else None


def why_none(history: KnownFacts, town: TownRules) -> Doubt:
    """Return why `procedure_of` knows none."""
    if history.contradicts_itself(ProcedureConfirmed):
        return Doubt.TWO_PROCEDURES
    confirmed = history.latest(ProcedureConfirmed)
    if confirmed is None:
        return Doubt.NO_PROCEDURE
    return Doubt.NOT_IN_FORCE if confirmed.procedure in town.procedures else Doubt.UNKNOWN_PROCEDURE


def changed_between_receipts(history: KnownFacts, town: TownRules, received: Received) -> bool:
    """Say whether the rule was another when the administration that passed the request on received it."""
    before, now = (procedure_of(history, town, day) for day in (received.first_on, received.on))
    return _of_silence(before) != _of_silence(now)


def _of_silence(version: Version[ProcedureRule] | None) -> object:
    rule = version.rule if version else None
    return rule and (rule.is_request, rule.silence, rule.pieces)
