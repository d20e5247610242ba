"""An agent finds another request in a message that joined a case: entered, it gets a case and receipts of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from agent_desk.domain.decisions.decision import Sheet
from agent_desk.domain.entered.first_form import kept_form, kept_under, kept_words
from agent_desk.domain.entered.other_request import (
    JoinedMessage,
    draft_of,
    entered_as,
    may_be_entered,
    note_words,
    said_in,
)
from agent_desk.domain.entered.taken_down import TakenDown
from agent_desk.domain.errors import NotFoundError
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.cases.decide import DecisionPorts, issue
from agent_desk.handlers.cases.read_cases import ScopedCases
from agent_desk.handlers.entered.take_down import TakeDown
from agent_desk.handlers.open_sealed import open_notes, open_words
from agent_desk.handlers.work.add_note import keep_note
from guichet.case.lifecycle import Verb, may
from guichet.case.record import CaseRecord
from guichet.channel.draft import Draft
from guichet.contracts.case_commands import AddNote
from guichet.ids import AgentId, case_id
from guichet.rights.case_acts import CaseAct
from guichet.store.audit.trail import Act
from guichet.store.messages.document import MessageDocument
from guichet.store.notes import WORDS, Note, Notes


@dataclass(frozen=True, kw_only=True)
class OtherRequests:
    """Reads such a message, and enters it. Every method raises TransientError. clock: aware UTC."""

    cases: ScopedCases
    take_down: TakeDown
    notes: Notes
    ports: DecisionPorts
    clock: Callable[[], datetime]

    async def find(self, visitor: Visitor, reference: str, message_id: str) -> JoinedMessage:
        """Return a message of a case that the visitor sees whole. Raises NotFoundError for what is none, or can be
        no request of its own; ReasonOwedError, CallerOwedError.
        """
        case, message, content = await self.cases.read_message(visitor, reference, message_id)
        if not may_be_entered(message, content, case, self.ports.channels[message.channel]) or content is None:
            raise NotFoundError
        return JoinedMessage(case, message, content, entered_as(self.take_down.message_id_key, message))

    async def entered(self, joined: JoinedMessage) -> MessageDocument | None:
        """Return the message by which it was entered; None: nobody has, as far as the router has come."""
        return (await self.ports.messages.find_many([joined.entered_as])).get(joined.entered_as)

    async def is_entered_otherwise(self, visitor: Visitor, joined: JoinedMessage, typed: TakenDown) -> bool:
        """Say whether it was entered before, by somebody else or in other words: what came first stands."""
        there, agent = await self.entered(joined), visitor.agent.agent_id
        if there is None:
            return False
        said = (await open_words(self.ports.vault, [there])).values.get(there.message_id)
        draft = draft_of(joined, typed, agent, self.clock())
        return (there.entered_by, there.procedure, said) != said_in(draft)

    async def opened(self, visitor: Visitor, joined: JoinedMessage) -> CaseRecord | None:
        """Return the case that was opened so; None: none yet, or not the visitor's to see."""
        return await self.take_down.cases.find(visitor.scope, case_id(joined.entered_as))

    async def enter(self, visitor: Visitor, joined: JoinedMessage, typed: TakenDown) -> bool:
        """Have the broker hold the message that opens the case; say whether it is the visitor's, in these words.

        What somebody entered first stands, also before the router has come to it: it is handed over once more, since
        nobody knows whether it was. typed: without errors.
        """
        if await self.entered(joined) is not None:
            return not await self.is_entered_otherwise(visitor, joined, typed)
        draft = draft_of(joined, typed, visitor.agent.agent_id, self.clock())
        await self.take_down.record(visitor, draft)
        first = await self._first(visitor.agent.agent_id, joined, typed)
        await self.take_down.accept_draft(first)
        return said_in(first) == said_in(draft)

    async def _first(self, agent: AgentId, joined: JoinedMessage, typed: TakenDown) -> Draft:
        """Keep what is entered, unless something is kept of the message; return what stands."""
        name = kept_under(joined.message)
        if (kept := (await self.notes.find_many([name])).get(name)) is None:
            (key,) = await self.ports.vault.new_keys(1)
            words = WORDS.seal(key, name, kept_words(typed))
            note = Note(_id=name, case_id=joined.case.case_id, author=agent, at=self.clock(), words=words)
            await self.notes.insert(note)  # a colleague's may be there by now, and stays
            kept = (await self.notes.find_many([name])).get(name, note)
        said = (await open_notes(self.ports.vault, [kept])).values.get(name)
        stands, by = (typed, agent) if said is None else (kept_form(said), kept.author)
        return draft_of(joined, stands, by, self.clock())

    def may_note(self, visitor: Visitor, case: CaseRecord) -> bool:
        """Say whether the visitor may write notes of the first case."""
        return visitor.scope.may(CaseAct.ANSWER, case) and may(Verb.REMARK, case.state)

    async def note(self, visitor: Visitor, joined: JoinedMessage, opened: CaseRecord | None) -> None:
        """Say in the first case that another was opened, where the visitor may write notes; once, however often.

        opened: the new case, if the visitor sees it.
        """
        case = joined.case
        if not self.may_note(visitor, case):
            return
        decision = self.ports.decide(visitor, case, "other-request", Sheet(joined.entered_as), "")
        words = note_words(joined, opened)
        note_id = await keep_note(case, decision, words, notes=self.notes, ports=self.ports)
        await issue(AddNote(**decision.given(self.clock()), note_id=note_id), Act.NOTED, self.ports)
