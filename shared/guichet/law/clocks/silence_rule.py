"""What the silence on a case would say, and whether anything may be said of it (docs/law.md 19, 20, R4). Pure."""

from dataclasses import dataclass
from typing import Final

from guichet.law.clocks.doubt import Doubt
from guichet.law.clocks.facts import Nature, Qualified, Received, Saisine
from guichet.law.clocks.in_force import Version
from guichet.law.clocks.known_facts import KnownFacts
from guichet.law.clocks.national_rules import COMPLAINTS
from guichet.law.clocks.procedure_in_force import changed_between_receipts, procedure_of, why_none
from guichet.law.clocks.rules import ProcedureRule, SilenceMeans, SilenceRule, TownRules

SILENT: Final = frozenset({Nature.INFORMATION, Nature.ANONYMOUS, Nature.THREATENING})
"""Of which silence says nothing, whatever the procedure."""
NEVER_ACCEPTED: Final = frozenset({Nature.COMPLAINT, Nature.APPEAL})
"""On which it rejects, by the law's own rule where no procedure has one."""


@dataclass(frozen=True)
class Silence:
    """version: of a rule that is confirmed, and has a meaning; None: nothing is said. doubt: why a person must look."""

    version: Version[SilenceRule] | None = None
    doubt: Doubt | None = None


def silence_of(history: KnownFacts, received: Received, town: TownRules) -> Silence:
    """Return what the silence says; it counts from receipt, whenever the procedure was confirmed."""
    nature = history.latest(Qualified)
    if received.saisine is Saisine.CONTACT_ONLY or (nature and nature.nature in SILENT):
        return Silence()
    if history.contradicts_itself(Qualified):
        return Silence(doubt=Doubt.TWO_NATURES)
    complains = nature is not None and nature.nature in NEVER_ACCEPTED
    procedure = procedure_of(history, town, received.on)
    if procedure is None:
        doubt = why_none(history, town)
        return _of_complaints(received) if complains and doubt is Doubt.NO_PROCEDURE else Silence(doubt=doubt)
    if changed_between_receipts(history, town, received):
        return Silence(doubt=Doubt.RULE_CHANGED)
    if complains and _needs_the_complaints_rule(procedure.rule):
        return _of_complaints(received)
    return _said_by(procedure)


def _of_complaints(received: Received) -> Silence:
    law = COMPLAINTS.on(received.on)
    return Silence(law) if law else Silence(doubt=Doubt.NOT_IN_FORCE)


def _needs_the_complaints_rule(procedure: ProcedureRule) -> bool:
    """Say whether the procedure itself has no confirmed rule by which silence rejects, and lacks none."""
    silence = procedure.silence
    if not procedure.is_request:
        return True
    return silence is not None and silence.source is not None and silence.means is not SilenceMeans.REJECTS


def _said_by(procedure: Version[ProcedureRule]) -> Silence:
    rule = procedure.rule.silence
    if not procedure.rule.is_request:
        return Silence()
    if rule is None or rule.source is None:
        return Silence(doubt=Doubt.TO_BE_CONFIRMED)
    return Silence(None if rule.means is SilenceMeans.NOTHING else procedure.part(rule))
