"""Read and change saved answers: an agent's own, and those of the departments whose cases they answer."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from agent_desk.domain.composer.saved_answer_form import SavedAnswerInput
from agent_desk.domain.errors import NotFoundError
from agent_desk.domain.visitor import Visitor
from guichet.ids import DepartmentId, SavedAnswerId
from guichet.rights.case_acts import CaseAct
from guichet.store.audit.trail import Act, AuditEntry, AuditTrail
from guichet.store.saved_answers import SAVED_WORDS, SavedAnswer, SavedAnswers, SavedWords
from guichet.vault.fields import open_each
from guichet.vault.ports import Vault


@dataclass(frozen=True)
class SavedAnswerShown:
    """One, opened. department: None: the reader's own."""

    answer_id: SavedAnswerId
    department: DepartmentId | None
    title: str = field(repr=False)
    text: str = field(repr=False)


@dataclass(frozen=True)
class SavedAnswerShelf:
    """Every way an agent reads and changes them. Raises NotFoundError for what is not theirs. clock: aware UTC."""

    answers: SavedAnswers
    vault: Vault
    audit: AuditTrail
    clock: Callable[[], datetime]

    async def list_answers(self, visitor: Visitor) -> list[SavedAnswerShown]:
        """Return what a visitor may use, by title; one that does not open is left out, and the alarm tells."""
        if not visitor.scope.may_somewhere(CaseAct.ANSWER):
            raise NotFoundError
        return await self._shown(visitor, visitor.scope.answered_departments)

    async def for_case(self, visitor: Visitor, department: DepartmentId) -> list[SavedAnswerShown]:
        """Return what a visitor may put into an answer to a case of a department, which they may answer."""
        return await self._shown(visitor, frozenset({department}))

    async def find(self, visitor: Visitor, answer_id: str) -> SavedAnswerShown:
        """Return one."""
        for each in await self.list_answers(visitor):
            if each.answer_id == answer_id:
                return each
        raise NotFoundError

    async def put(self, visitor: Visitor, answer_id: SavedAnswerId, said: SavedAnswerInput, *, is_new: bool) -> None:
        """Keep one, sealed under a key of its own. is_new: unless its form was sent before. Raises TransientError."""
        (key,) = await self.vault.new_keys(1)
        words = SAVED_WORDS.seal(key, answer_id, SavedWords(title=said.title, text=said.text))
        author, now = visitor.agent.agent_id, self.clock()
        await self._note(visitor, answer_id)
        answer = SavedAnswer(
            _id=answer_id,
            owner=author if said.department is None else None,
            department=said.department,
            words=words,
            changed_at=now,
            changed_by=author,
        )
        await (self.answers.insert(answer) if is_new else self.answers.replace(answer))

    async def remove(self, visitor: Visitor, answer_id: str) -> None:
        """Throw one away. Raises TransientError."""
        found = await self.find(visitor, answer_id)
        await self._note(visitor, found.answer_id)
        await self.answers.remove(found.answer_id, self.clock())

    async def _shown(self, visitor: Visitor, departments: frozenset[DepartmentId]) -> list[SavedAnswerShown]:
        kept = {each.answer_id: each for each in await self.answers.of(visitor.agent.agent_id, departments)}
        sealed = {name: SAVED_WORDS.on(name, each.words) for name, each in kept.items()}
        opened = await open_each(self.vault, sealed)
        shown = [
            SavedAnswerShown(name, kept[name].department, words.title, words.text)
            for name, words in opened.values.items()
        ]
        return sorted(shown, key=lambda each: (each.title.casefold(), each.answer_id))

    async def _note(self, visitor: Visitor, answer_id: SavedAnswerId) -> None:
        at, agent = self.clock(), visitor.agent.agent_id
        await self.audit.record(
            AuditEntry(at=at, agent=agent, act=Act.SAVED_ANSWER_CHANGED, thing="saved-answer", things=(answer_id,))
        )
