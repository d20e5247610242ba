"""What agents have read: noted when a page shows a case, asked for when a list shows many."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from agent_desk.domain.cases.unread import is_unread
from agent_desk.domain.visitor import Visitor
from guichet.case.record import CaseRecord
from guichet.ids import CaseId, MessageId
from guichet.store.cases.case_filter import CaseFilter, is_within
from guichet.store.read_marks import ReadMarks, read_mark


@dataclass(frozen=True)
class Reading:
    """clock: aware UTC. Every method raises TransientError."""

    marks: ReadMarks
    clock: Callable[[], datetime]

    async def unread(self, visitor: Visitor, cases: Sequence[CaseRecord]) -> frozenset[CaseId]:
        """Return which of these cases the visitor has not read."""
        marks, now = await self.marks.of(visitor.agent.agent_id, [case.case_id for case in cases]), self.clock()
        return frozenset(case.case_id for case in cases if is_unread(case, marks.get(case.case_id), now))

    async def unread_of(self, visitor: Visitor, wanted: CaseFilter, cases: Sequence[CaseRecord]) -> list[CaseRecord]:
        """Return the unread ones among cases that wait. Which do says nothing of the states asked for."""
        unread = await self.unread(visitor, cases)
        return [case for case in cases if case.case_id in unread and is_within(case, wanted)]

    async def put_back(self, visitor: Visitor) -> list[CaseId]:
        """Return the cases that the visitor has marked as unread."""
        return await self.marks.put_back(visitor.agent.agent_id)

    async def seen(self, visitor: Visitor, case: CaseRecord) -> MessageId | None:
        """Return the newest message of the citizen's that the visitor has been shown; None: none that is known."""
        mark = (await self.marks.of(visitor.agent.agent_id, [case.case_id])).get(case.case_id)
        return mark.seen if mark is not None else None

    async def note(self, visitor: Visitor, case: CaseRecord) -> None:
        """Note that the visitor is shown a case."""
        await self.marks.put(read_mark(visitor.agent.agent_id, case.case_id, case.last_inbound, self.clock()))

    async def put_aside(self, visitor: Visitor, case: CaseRecord) -> None:
        """Mark a case as unread."""
        await self.marks.put(read_mark(visitor.agent.agent_id, case.case_id, None, self.clock()))
