"""Saved answers in memory."""

from collections.abc import Collection
from datetime import datetime

from guichet.errors import TransientError
from guichet.ids import AgentId, DepartmentId, SavedAnswerId
from guichet.store.saved_answers import MOST, SavedAnswer, SavedAnswers


class InMemorySavedAnswers(SavedAnswers):
    """Twin of MongoSavedAnswers. away: the store does not answer."""

    def __init__(self) -> None:
        self.answers: dict[SavedAnswerId, SavedAnswer] = {}
        self.away = False

    async def insert(self, answer: SavedAnswer) -> None:
        self._answer()
        self.answers.setdefault(answer.answer_id, answer)

    async def replace(self, answer: SavedAnswer) -> None:
        self._answer()
        if answer.answer_id in self.answers:
            self.answers[answer.answer_id] = answer

    async def remove(self, answer: SavedAnswerId, at: datetime) -> None:  # noqa: ARG002  the port's
        self._answer()
        self.answers.pop(answer, None)

    async def of(self, agent: AgentId, departments: Collection[DepartmentId]) -> list[SavedAnswer]:
        self._answer()
        own = [each for each in self.answers.values() if each.owner == agent]
        shared = ([each for each in self.answers.values() if each.department == one] for one in sorted(departments))
        return [each for some in (own, *shared) for each in some[:MOST]]

    def _answer(self) -> None:
        if self.away:
            raise TransientError("the saved answers are away")
