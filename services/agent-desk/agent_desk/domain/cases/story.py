"""A case's story in pages, the newest first: a case where ten thousand things happened opens like any other.

Messages and steps lie in two collections, so a page is cut from both by time. A cursor says where the next one begins:
a time, and how many messages and steps of that very instant have been shown. Pure.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from guichet.case.history import HistoryEntry, uncopied
from guichet.case.record import CaseRecord
from guichet.contracts.case_events import CaseOpened, MessageFiled
from guichet.ids import MessageId
from guichet.store.cases.history import STEPS
from guichet.store.messages.document import Direction, MessageDocument

MOMENTS: Final = 50  # on a page: messages and steps together
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_JOINED: Final = frozenset({CaseOpened.__name__, MessageFiled.__name__})
_MOST_AT_ONCE: Final = 100_000  # of one instant: a cursor that says more was made up

Item = MessageDocument | HistoryEntry


@dataclass(frozen=True)
class StoryCursor:
    """Where a page begins, going back in time. messages, steps: how many of that instant are on pages before."""

    at: datetime
    messages: int = 0
    steps: int = 0

    def __str__(self) -> str:
        """Return it as an address carries it."""
        return f"{(self.at - EPOCH) // timedelta(milliseconds=1)}.{self.messages}.{self.steps}"


def read_cursor(value: str | None) -> StoryCursor | None:
    """Return a cursor from an address; None for the newest page, or where it says no cursor."""
    try:
        at, messages, steps = map(int, (value or "").split("."))
        cursor = StoryCursor(EPOCH + timedelta(milliseconds=at), messages, steps)
    except (ValueError, OverflowError):
        return None
    return cursor if 0 <= messages <= _MOST_AT_ONCE and 0 <= steps <= _MOST_AT_ONCE else None


@dataclass(frozen=True)
class StoryPage:
    """items: oldest first. outbound: what the history tells of the outbound ones. older: where the next page begins."""

    items: tuple[Item, ...]
    outbound: tuple[HistoryEntry, ...]
    older: StoryCursor | None

    @property
    def messages(self) -> list[MessageDocument]:
        """The page's messages."""
        return [item for item in self.items if isinstance(item, MessageDocument)]

    @property
    def steps(self) -> list[HistoryEntry]:
        """The page's steps."""
        return [item for item in self.items if isinstance(item, HistoryEntry)]


def waiting(case: CaseRecord, copied: Iterable[HistoryEntry]) -> list[HistoryEntry]:
    """Return the steps that a case's outbox still holds. copied: those that the history has."""
    there = {entry.version for entry in copied}
    return [each for each in uncopied(case.outbox) if each.type in STEPS and each.version not in there]


def arriving(case: CaseRecord) -> frozenset[MessageId]:
    """Return the messages that have joined a case and may not be marked as its own yet: pages are told first."""
    named = (each for each in uncopied(case.outbox) if each.type in _JOINED)
    return frozenset(each.message_id for each in named if each.message_id is not None)


def is_of(message: MessageDocument, case: CaseRecord) -> bool:
    """Say whether a message is a case's own. case: read before the message was, else it may miss one that arrives."""
    return message.filed == case.case_id or (message.filed is None and message.message_id in arriving(case))


def cursor_behind(shown: Sequence[Item], begin: StoryCursor) -> StoryCursor:
    """Return the cursor behind what is shown, newest first."""
    last = shown[-1].at
    before = begin if begin.at == last else StoryCursor(last)
    at_once = [item for item in shown if item.at == last]
    messages = sum(isinstance(item, MessageDocument) for item in at_once)
    return StoryCursor(last, before.messages + messages, before.steps + len(at_once) - messages)


def cut_at(item: Item) -> tuple[datetime, bool]:
    """Return what pages are cut by: of one instant, each collection keeps its own order."""
    return item.at, isinstance(item, HistoryEntry)


def ordered_at(item: Item) -> tuple[datetime, int]:
    """Return what a page is ordered by: of one instant, what was written, what was answered, what was decided."""
    return item.at, 2 if isinstance(item, HistoryEntry) else int(item.direction is Direction.OUTBOUND)
