"""An agent writes an internal note about a case."""

from agent_desk.domain.decisions.form_input import FormInput
from agent_desk.domain.visitor import Visitor
from agent_desk.domain.work.call import wanted_at
from agent_desk.domain.work.note import note_of
from agent_desk.handlers.cases.decide import DecisionPorts, issue
from guichet.case.record import CaseRecord
from guichet.contracts.calls import CallStep
from guichet.contracts.case_commands import AddNote
from guichet.ids import EventId
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
    note_id, now = note_of(decision.command_id), ports.clock()
    (key,) = await ports.vault.new_keys(1)
    author, sealed = visitor.agent.agent_id, WORDS.seal(key, note_id, words)
    said = {"author": author, "words": sealed, "mentions": typed.mentions}
    await notes.insert(Note(_id=note_id, case_id=case.case_id, at=now, **said))
    call = CallStep(typed.call) if typed.call else None
    said_of_call = {"call": call, "call_wanted_at": wanted_at(call, typed.call_on)}
    adding = AddNote(**decision.given(now), note_id=note_id, mentions=typed.mentions, **said_of_call)
    return await issue(adding, Act.NOTED, ports)
