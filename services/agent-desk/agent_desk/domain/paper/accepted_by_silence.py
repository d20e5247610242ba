"""Whether silence accepted a request beyond doubt, so that it may be attested (CRPA L232-3: docs/law.md 11). Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from agent_desk.domain.clocks.clocks_now import ClocksNow
from agent_desk.domain.clocks.clocks_shown import ClocksShown
from guichet.case.due import decided_silence, reckon
from guichet.case.legal_facts import is_decided_expressly, is_said_complete
from guichet.case.record import CaseRecord
from guichet.contracts.channels import Words
from guichet.contracts.legal_facts import Day
from guichet.ids import ProcedureId
from guichet.law.calendar import paris_date
from guichet.law.clocks.sentences import acceptance_in_words
from guichet.town.town import Town


class NotAttested(StrEnum):
    """Why there is nothing to attest."""

    NOT_ACCEPTED = "not-accepted"  # silence has decided nothing yet, or rejected; or a decision was taken
    DOUBTED = "doubted"  # a rule that is still to be confirmed, or facts that a person has to look at
    NOT_COMPLETE = "not-complete"  # nobody has said that the request was complete


@dataclass(frozen=True)
class Accepted:
    """asked: the procedure, as the catalogue calls it. rule: without its source, which stands beside it."""

    asked: str
    received_on: Day
    accepted_on: Day
    rule: Words
    source: str


def accepted_by_silence(case: CaseRecord, town: Town, at: datetime) -> Accepted | NotAttested:
    """Return what silence accepted, by what is known of a case at a moment; else why nothing may be attested."""
    now = ClocksNow(case, town, at)
    due, clock = reckon(now.facts, town.clock_rules, now.today).due, decided_silence(now.found)
    if due.decided != "accepts" or clock is None or clock.ended is None or is_decided_expressly(case.facts):
        return NotAttested.NOT_ACCEPTED
    procedure = town.procedures.get(ProcedureId(ClocksShown(case, town, at).confirmed or ""))
    if due.is_doubted or clock.basis.source is None or procedure is None:
        return NotAttested.DOUBTED
    if not is_said_complete(case.facts):
        return NotAttested.NOT_COMPLETE
    received = paris_date(case.received_at)
    return Accepted(procedure.label, received, clock.ended, acceptance_in_words(clock.basis), clock.basis.source)
