"""An agent writes an internal note about a case."""

from agent_desk.domain.decisions.decision import Decision
from agent_desk.domain.decisions.form_input import FormInput
from agent_desk.domain.visitor import Visitor
from agent_desk.domain.work.call import wanted_at
from agent_desk.domain.work.note import note_of
from agent_desk.handlers.cases.decide import DecisionPorts, issue
from guichet.case.record import CaseRecord
from guichet.contracts.calls import CallStep
from guichet.contracts.case_commands import AddNote
from guichet.ids import AgentId, EventId, NoteId
from guichet.store.audit.trail import Act
from guichet.store.notes import WORDS, Note, Notes


async def add_note(
    visitor: Visitor, case: CaseRecord, typed: FormInput, *, notes: Notes, ports: DecisionPorts
) -> EventId:
    """Keep the note, sealed under a key of its own, then ask the router to add it.

    Returns the command's id. Raises TransientError.
    """
    words = typed.note.strip()
    decision = ports.decide(
        visitor, case, "note", typed.sheet, "\n".join(filter(None, (words, typed.call, typed.call_on)))
    )
    note_id = await keep_note(case, decision, words, notes=notes, ports=ports, mentions=typed.mentions)
    call = CallStep(typed.call) if typed.call else None
    said_of_call = {"call": call, "call_wanted_at": wanted_at(call, typed.call_on)}
    adding = AddNote(**decision.given(ports.clock()), note_id=note_id, mentions=typed.mentions, **said_of_call)
    return await issue(adding, Act.NOTED, ports)


async def keep_note(
    case: CaseRecord,
    decision: Decision,
    words: str,
    *,
    notes: Notes,
    ports: DecisionPorts,
    mentions: tuple[AgentId, ...] = (),
) -> NoteId:
    """Keep what a decision's author wrote, sealed under a key of its own; done again, the first stays. Returns its id.

    It must be there when its command is given. Raises TransientError.
    """
    note_id = note_of(decision.command_id)
    (key,) = await ports.vault.new_keys(1)
    said = {"author": decision.agent, "words": WORDS.seal(key, note_id, words), "mentions": mentions}
    await notes.insert(Note(_id=note_id, case_id=case.case_id, at=ports.clock(), **said))
    return note_id
