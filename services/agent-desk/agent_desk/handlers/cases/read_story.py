"""Read a page of a case's story from its two collections, messages and steps."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from agent_desk.domain.cases.story import (
    EPOCH,
    MOMENTS,
    Item,
    StoryCursor,
    StoryPage,
    arriving,
    cursor_behind,
    cut_at,
    is_of,
    ordered_at,
    waiting,
)
from guichet.case.history import HistoryEntry, uncopied
from guichet.case.record import CaseRecord
from guichet.ids import MessageId
from guichet.store.cases.history import CaseHistory
from guichet.store.messages.store import MessageStore


@dataclass(frozen=True)
class StoryPages:
    """Reads pages."""

    messages: MessageStore
    history: CaseHistory

    async def read(self, case: CaseRecord, cursor: StoryCursor | None) -> StoryPage:
        """Return a page. Raises TransientError.

        The newest page also has what the case's outbox still holds, and the history not yet; and, however old, what
        waits for an agent to say whether it left.
        """
        begin = cursor or StoryCursor(EPOCH)
        until = begin.at if cursor else None
        messages = await self.messages.page_of_case(case.case_id, until, begin.messages, MOMENTS + 1)
        steps = await self.history.steps(case.case_id, until, begin.steps, MOMENTS + 1)
        both: list[Item] = [*messages, *steps]
        newest_first = sorted(both, key=cut_at, reverse=True)
        shown, older = newest_first[:MOMENTS], newest_first[MOMENTS:]
        oldest_first = [*reversed(shown), *([] if cursor else await self._due(case, shown, steps))]
        sent = [item.message_id for item in oldest_first if not isinstance(item, HistoryEntry)]
        return StoryPage(
            items=tuple(sorted(oldest_first, key=ordered_at)),
            outbound=await self._about(case, sent),
            older=cursor_behind(shown, begin) if older else None,
        )

    async def _due(self, case: CaseRecord, shown: Iterable[Item], copied: Iterable[HistoryEntry]) -> list[Item]:
        """Return what belongs to the newest page, whatever lies before it."""
        there = {item.message_id for item in shown if not isinstance(item, HistoryEntry)}
        missing = {*case.undecided, *arriving(case)} - there
        found = await self.messages.find_many(missing) if missing else {}
        return [*(each for each in found.values() if is_of(each, case)), *waiting(case, copied)]

    async def _about(self, case: CaseRecord, messages: Collection[MessageId]) -> tuple[HistoryEntry, ...]:
        copied = await self.history.of_outbound(case.case_id, messages)
        return (*copied, *(each for each in uncopied(case.outbox) if each.type == "ReplyRequested"))
