"""Takes away what lived with a destroyed case and still lies there.

Whoever knew the case before it was destroyed may write of it a moment later: a receipt that is owed, a page, a copy of
its history. The event comes after most of that, and once more after a kill; what is written later still is not
found here (docs/decisions/0036).
"""

from collections.abc import Callable, Collection
from datetime import datetime

import structlog

from guichet.data_subject.erase import Removal
from guichet.data_subject.finder import PersonFinder
from guichet.data_subject.senders import CASES
from guichet.ids import CaseId
from guichet.privacy.data_map.retention import Executor
from guichet.runtime.telemetry.metrics import RETENTION_REMOVED

log = structlog.get_logger()


async def remove_with_case(
    cases: Collection[CaseId], *, finder: PersonFinder, removal: Removal, clock: Callable[[], datetime]
) -> None:
    """Remove what is left of cases that the store says are destroyed; a living one loses nothing.

    Keys before documents, so that whoever is killed in between finds them again. Raises TransientError.
    """
    left = await finder.left_of(cases)
    counts = {place: count for place, count in left.counts.items() if place != CASES}  # tombstones stay
    if not counts:
        return
    await removal.destroy_keys(left)
    await removal.delete(left, clock())
    log.info("removed what lived with destroyed cases", **counts)
    for place, gone in left.documents.items():
        if place != CASES:
            RETENTION_REMOVED.labels(Executor.CASE_DESTROYED.name, place).inc(len(gone))
