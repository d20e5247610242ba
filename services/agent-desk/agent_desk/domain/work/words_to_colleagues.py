"""What agents say to each other about a case is for who may answer it. Pure.

An elected member who took a case down, or the mayor's office, reads it whole, and is no colleague of who works on it.
"""

from dataclasses import replace

from agent_desk.domain.cases.story import Item, StoryPage
from guichet.case.history import HistoryEntry


def without_words_to_colleagues(page: StoryPage) -> StoryPage:
    """Return a page without its internal notes, nor that there were any, and without the words of handovers."""
    return replace(page, items=tuple(_without_word(item) for item in page.items if not _is_note(item)))


def _is_note(item: Item) -> bool:
    return isinstance(item, HistoryEntry) and item.note_id is not None


def _without_word(item: Item) -> Item:
    if not isinstance(item, HistoryEntry) or item.type != "CaseAssigned":
        return item
    return item.model_copy(update={"reason": None, "reason_field": None})
