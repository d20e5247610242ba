"""Until when remains of what was erased may lie on a disk: unreadable since the rotation, gone by this day. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from guichet.contracts.topics import KEPT_DECIDED, SEGMENT_ROLLS_AFTER, Topic
from guichet.law.calendar import paris_date


@dataclass(frozen=True)
class Keeping:
    """How long copies outlive their original. oplog: MongoDB's oplog and journal; backups: copies of the data."""

    oplog: timedelta
    backups: timedelta


def last_copy_gone_by(turned_at: datetime, topics: Iterable[Topic[Any]], keeping: Keeping) -> date:
    """Return the day in Paris by whose end the last copy is gone: the longest bound of all, from the rotation on.

    A topic's bound is its retention and the time until the segment that holds a trimmed record is closed; a dead
    letter's likewise, from the operator's decision on.
    """
    on_topics = [bound + SEGMENT_ROLLS_AFTER for bound in (KEPT_DECIDED, *(topic.retention for topic in topics))]
    longest = max(*on_topics, keeping.oplog, keeping.backups)
    return paris_date(turned_at + longest)
