"""A case's story in pages, the newest first: a case where ten thousand things happened opens like any other.

Messages and steps lie in two collections, so a page is cut from both by time. Where the next one begins says a place: a
time, and how many messages and steps of that very instant have been shown.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from guichet.case.history import HistoryEntry, uncopied
from guichet.case.record import CaseRecord
from guichet.ids import CaseId, MessageId
from guichet.store.cases.history import STEPS, CaseHistory
from guichet.store.messages.document import Direction, MessageDocument

MOMENTS: Final = 50  # on a page: messages and steps together
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_AT_ONCE: Final = 100_000  # of one instant: a place that says more was made up

Item = MessageDocument | HistoryEntry


@dataclass(frozen=True)
class StoryPlace:
    """Where a page begins, going back in time. messages, steps: how many of that instant are on pages before."""

    at: datetime
    messages: int = 0
    steps: int = 0

    def __str__(self) -> str:
        """Return it as an address carries it."""
        return f"{(self.at - _EPOCH) // timedelta(milliseconds=1)}.{self.messages}.{self.steps}"


def read_place(value: str | None) -> StoryPlace | None:
    """Return a place from an address; None for the newest page, or where it says no place."""
    try:
        at, messages, steps = map(int, (value or "").split("."))
        place = StoryPlace(_EPOCH + timedelta(milliseconds=at), messages, steps)
    except (ValueError, OverflowError):
        return None
    return place if 0 <= messages <= _MOST_AT_ONCE and 0 <= steps <= _MOST_AT_ONCE else None


@dataclass(frozen=True)
class StoryPage:
    """items: oldest first. outbound: what the history tells of the outbound ones. older: where the next page begins."""

    items: tuple[Item, ...]
    outbound: tuple[HistoryEntry, ...]
    older: StoryPlace | None

    @property
    def messages(self) -> list[MessageDocument]:
        """The page's messages."""
        return [item for item in self.items if isinstance(item, MessageDocument)]

    @property
    def steps(self) -> list[HistoryEntry]:
        """The page's steps."""
        return [item for item in self.items if isinstance(item, HistoryEntry)]


class MessageReader(Protocol):
    """Messages; whoever asks has found the case within their scope."""

    async def find_many(self, messages: Iterable[MessageId]) -> Mapping[MessageId, MessageDocument]:
        """Return those that exist. Raises TransientError."""

    async def page_of_case(self, case: CaseId, until: datetime | None, skip: int, limit: int) -> list[MessageDocument]:
        """Return a case's messages, newest first. until: none later. Raises TransientError."""


@dataclass(frozen=True)
class StoryPages:
    """Reads pages."""

    messages: MessageReader
    history: CaseHistory

    async def read(self, case: CaseRecord, place: StoryPlace | None) -> StoryPage:
        """Return a page. Raises TransientError.

        The newest page also has what the case's outbox still holds, and the history not yet; and, however old, what
        waits for an agent to say whether it left.
        """
        begin = place or StoryPlace(_EPOCH)
        until = begin.at if place else None
        messages = await self.messages.page_of_case(case.case_id, until, begin.messages, MOMENTS + 1)
        steps = await self.history.steps(case.case_id, until, begin.steps, MOMENTS + 1)
        both: list[Item] = [*messages, *steps]
        newest_first = sorted(both, key=_cut_at, reverse=True)
        shown, older = newest_first[:MOMENTS], newest_first[MOMENTS:]
        oldest_first = [*reversed(shown), *([] if place else await self._due(case, shown, steps))]
        sent = [item.message_id for item in oldest_first if not isinstance(item, HistoryEntry)]
        return StoryPage(
            items=tuple(sorted(oldest_first, key=_told_at)),
            outbound=await self._about(case, sent),
            older=_next(shown, begin) if older else None,
        )

    async def _due(self, case: CaseRecord, shown: Iterable[Item], copied: Iterable[HistoryEntry]) -> list[Item]:
        """Return what belongs to the newest page, whatever lies before it."""
        there = {item.message_id for item in shown if not isinstance(item, HistoryEntry)}
        missing = [message for message in case.undecided if message not in there]
        found = await self.messages.find_many(missing) if missing else {}
        undecided = [each for each in found.values() if each.filed == case.case_id]
        return [*undecided, *_waiting(case, copied)]

    async def _about(self, case: CaseRecord, messages: Collection[MessageId]) -> tuple[HistoryEntry, ...]:
        copied = await self.history.of_outbound(case.case_id, messages)
        return (*copied, *(each for each in uncopied(case.outbox) if each.type == "ReplyRequested"))


def _waiting(case: CaseRecord, copied: Iterable[HistoryEntry]) -> list[HistoryEntry]:
    there = {entry.version for entry in copied}
    return [each for each in uncopied(case.outbox) if each.type in STEPS and each.version not in there]


def _next(shown: Sequence[Item], begin: StoryPlace) -> StoryPlace:
    """Return the place behind what is shown, newest first."""
    last = shown[-1].at
    before = begin if begin.at == last else StoryPlace(last)
    at_once = [item for item in shown if item.at == last]
    messages = sum(isinstance(item, MessageDocument) for item in at_once)
    return StoryPlace(last, before.messages + messages, before.steps + len(at_once) - messages)


def _cut_at(item: Item) -> tuple[datetime, bool]:
    """Return what pages are cut by: of one instant, each collection keeps its own order."""
    return item.at, isinstance(item, HistoryEntry)


def _told_at(item: Item) -> tuple[datetime, int]:
    """Return what a page is ordered by: of one instant, what was written, what was answered, what was decided."""
    return item.at, 2 if isinstance(item, HistoryEntry) else int(item.direction is Direction.OUTBOUND)
