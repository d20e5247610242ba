"""Saved answers in memory."""

from collections.abc import Collection

from guichet.errors import TransientError
from guichet.ids import AgentId, DepartmentId, SavedAnswerId
from guichet.store.saved_answers import SavedAnswer, SavedAnswers


class InMemorySavedAnswers(SavedAnswers):
    """Twin of MongoSavedAnswers. away: the store does not answer."""

    def __init__(self) -> None:
        self.answers: dict[SavedAnswerId, SavedAnswer] = {}
        self.away = False

    async def put(self, answer: SavedAnswer) -> None:
        self._answer()
        self.answers[answer.answer_id] = answer

    async def remove(self, answer: SavedAnswerId) -> None:
        self._answer()
        self.answers.pop(answer, None)

    async def of(self, agent: AgentId, departments: Collection[DepartmentId]) -> list[SavedAnswer]:
        self._answer()
        return [each for each in self.answers.values() if each.owner == agent or each.department in departments]

    def _answer(self) -> None:
        if self.away:
            raise TransientError("the saved answers are away")
