"""How much one agent may have under way at once. Pure."""

from collections.abc import Sequence
from typing import Final

from guichet.store.bulk.acts import BulkAct, BulkState

OPEN_AT_MOST: Final = 5  # of 200 cases each, given one after the other: more is a mistake, or a session that was stolen
_OPEN: Final = frozenset({BulkState.RUNNING, BulkState.PAUSED})


def has_room(own: Sequence[BulkAct]) -> bool:
    """Say whether an agent may begin another. own: their newest; one that is paused takes its room, too."""
    return sum(each.state in _OPEN for each in own) < OPEN_AT_MOST
