"""An agent says that an express decision was taken, and later how it was notified."""

from agent_desk.domain.decisions.decision import Sheet
from agent_desk.domain.express.decision_words import DecisionWords, written
from agent_desk.domain.express.express_input import ExpressInput
from agent_desk.domain.express.notification_form import day_of, proof_in_words
from agent_desk.domain.visitor import Visitor
from agent_desk.domain.work.note import note_of
from agent_desk.handlers.cases.decide import DecisionPorts, issue
from agent_desk.handlers.work.add_note import keep_note
from guichet.case.record import CaseRecord
from guichet.contracts.case_commands import AddNote, StateFact
from guichet.contracts.legal_facts import FactKind, StatedFact
from guichet.ids import EventId
from guichet.law.calendar import start_of_day
from guichet.store.audit.trail import Act
from guichet.store.notes import Notes


async def take_decision(
    visitor: Visitor, case: CaseRecord, *, sheet: Sheet, words: DecisionWords, notes: Notes, ports: DecisionPorts
) -> EventId:
    """Keep the words of a decision as a note, sealed, then say that it was taken. Returns the command's id.

    Raises TransientError.
    """
    text = written(words)
    decision = ports.decide(visitor, case, "take-decision", sheet, text)
    note_id = await keep_note(case, decision, text, notes=notes, ports=ports)
    said = {"outcome": words.outcome, "words": note_id}
    fact = StatedFact.model_validate(
        {"event": FactKind.DECISION_TAKEN, "at": start_of_day(words.day), "decision": said}
    )
    return await issue(StateFact(**decision.given(ports.clock()), fact=fact), Act.FACT_STATED, ports)


async def prove_notification(
    visitor: Visitor, case: CaseRecord, *, sheet: Sheet, given: ExpressInput, notes: Notes, ports: DecisionPorts
) -> EventId:
    """Say that a decision was notified, its proof kept before. Returns the command's id. Raises TransientError."""
    if (proof := proof_in_words(given)) is not None:
        keeping = ports.decide(visitor, case, "note-proof", sheet, _content(given))
        await keep_note(case, keeping, proof, notes=notes, ports=ports)
    decision = ports.decide(visitor, case, "prove-notification", sheet, _content(given))
    fact = StatedFact.model_validate(
        {"event": FactKind.DECISION_NOTIFIED, "at": start_of_day(day_of(given)), "way": given.way}
    )
    return await issue(StateFact(**decision.given(ports.clock()), fact=fact), Act.FACT_STATED, ports)


async def note_proof(
    visitor: Visitor, case: CaseRecord, *, sheet: Sheet, given: ExpressInput, ports: DecisionPorts
) -> EventId | None:
    """Add the proof that was kept as an internal note, once that it was notified was not refused; None: it needs none.

    Returns the command's id. Raises TransientError.
    """
    if proof_in_words(given) is None:
        return None
    keeping = ports.decide(visitor, case, "note-proof", sheet, _content(given))
    adding = AddNote(**keeping.given(ports.clock()), note_id=note_of(keeping.command_id), mentions=())
    return await issue(adding, Act.NOTED, ports)


def _content(given: ExpressInput) -> str:
    return f"{given.way}\n{given.notified_on}\n{given.proof}"
