"""What agents have read, in memory."""

from collections.abc import Collection, Mapping

from guichet.errors import TransientError
from guichet.ids import AgentId, CaseId
from guichet.store.read_marks import PUT_BACK_AT_MOST, ReadMark, ReadMarks


class InMemoryReadMarks(ReadMarks):
    """Twin of MongoReadMarks. away: the store does not answer."""

    def __init__(self) -> None:
        self.marks: dict[str, ReadMark] = {}
        self.away = False

    async def put(self, mark: ReadMark) -> None:
        self._answer()
        self.marks[mark.mark_id] = mark

    async def of(self, agent: AgentId, cases: Collection[CaseId]) -> Mapping[CaseId, ReadMark]:
        return {mark.case_id: mark for mark in self._answer() if mark.agent == agent and mark.case_id in cases}

    async def put_back(self, agent: AgentId) -> list[CaseId]:
        theirs = [mark.case_id for mark in self._answer() if mark.agent == agent and mark.seen is None]
        return theirs[:PUT_BACK_AT_MOST]

    def _answer(self) -> list[ReadMark]:
        if self.away:
            raise TransientError("the read marks are away")
        return [*self.marks.values()]
