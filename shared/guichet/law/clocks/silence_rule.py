"""What the silence on a case would say, and whether anything may be said of it (docs/law.md 19, 20, R4). Pure."""

from dataclasses import dataclass
from typing import Final

from guichet.law.clocks.delay import Delay
from guichet.law.clocks.doubt import Doubt
from guichet.law.clocks.facts import Nature, ProcedureConfirmed, Qualified, Received, Saisine
from guichet.law.clocks.known_facts import KnownFacts
from guichet.law.clocks.rules import ProcedureRule, SilenceMeans, SilenceRule, TownRules

_SILENT: Final = frozenset({Nature.INFORMATION, Nature.ANONYMOUS, Nature.THREATENING})
_NEVER_ACCEPTED: Final = frozenset({Nature.COMPLAINT, Nature.APPEAL})
_COMPLAINTS_RULE: Final = SilenceRule(SilenceMeans.REJECTS, Delay(2), "CRPA L231-4")


@dataclass(frozen=True)
class Silence:
    """rule: confirmed, and of a meaning; None: nothing is said. doubt: why a person must look."""

    rule: SilenceRule | None = None
    doubt: Doubt | None = None


def procedure_of(history: KnownFacts, town: TownRules) -> ProcedureRule | None:
    """Return the rule of the procedure that was confirmed last; None where none is known."""
    confirmed = history.latest(ProcedureConfirmed)
    return town.procedures.get(confirmed.procedure) if confirmed else None


def silence_of(history: KnownFacts, received: Received, town: TownRules) -> Silence:
    """Return what the silence says; it counts from receipt, whenever the procedure was confirmed."""
    nature = history.latest(Qualified)
    if received.saisine is Saisine.CONTACT_ONLY or (nature and nature.nature in _SILENT):
        return Silence()
    if history.contradicts_itself(Qualified):
        return Silence(doubt=Doubt.TWO_NATURES)
    procedure = procedure_of(history, town)
    if procedure is None:
        return Silence(doubt=_why_none(history))
    is_never_accepted = nature is not None and nature.nature in _NEVER_ACCEPTED
    if not procedure.is_request:
        return Silence(_COMPLAINTS_RULE if is_never_accepted else None)
    return _confirmed(procedure.silence, is_never_accepted)


def _why_none(history: KnownFacts) -> Doubt:
    if history.contradicts_itself(ProcedureConfirmed):
        return Doubt.TWO_PROCEDURES
    return Doubt.UNKNOWN_PROCEDURE if history.latest(ProcedureConfirmed) else Doubt.NO_PROCEDURE


def _confirmed(rule: SilenceRule | None, never_accepted: bool) -> Silence:
    if rule is None or rule.source is None:
        return Silence(doubt=Doubt.TO_BE_CONFIRMED)
    if never_accepted and rule.means is not SilenceMeans.REJECTS:
        return Silence(_COMPLAINTS_RULE)
    return Silence(None if rule.means is SilenceMeans.NOTHING else rule)
