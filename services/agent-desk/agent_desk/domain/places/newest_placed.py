"""Of which positions in a story something is drawn or named: each costs the desk some milliseconds. Pure."""

from collections.abc import Iterable

from agent_desk.domain.cases.moments import CitizenWrote, Moment
from guichet.ids import MessageId


def newest_placed(story: Iterable[Moment], most: int) -> frozenset[MessageId]:
    """Return the newest messages that bear a position, so many at most. story: oldest first. most: above 0."""
    placed = [each.message_id for each in story if isinstance(each, CitizenWrote) and each.location]
    return frozenset(placed[-most:])
