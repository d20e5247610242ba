"""Takes second copies off the topics: at an erasure those of one person, every night those that came since of anybody.

A source may deliver a message again long after the certificate. The router drops it, because its tombstone stands; but
it was sealed anew under a key of its own, and its files lie in the object store.
"""

from collections.abc import Callable
from datetime import datetime

import structlog

from guichet.data_subject.erase import Removal
from guichet.data_subject.personal_data import PersonalData
from guichet.data_subject.topics import LogPass

log = structlog.get_logger()


async def remove_copies(logs: LogPass, removal: Removal, personal_data: PersonalData, at: datetime) -> PersonalData:
    """Remove what topics hold beside `personal_data`, and return it. Raises TransientError.

    Files and tombstones before keys: a letter whose key is gone no longer tells which files it had.
    """
    copies = await logs.find(personal_data)
    await removal.delete(copies, at)
    await removal.destroy_keys(copies)
    return copies


async def remove_late_copies(logs: LogPass, removal: Removal, clock: Callable[[], datetime]) -> None:
    """Remove what came again of anybody who is erased. Raises TransientError."""
    copies = await remove_copies(logs, removal, PersonalData(), clock())
    if not copies.is_empty:
        log.info("copies of erased messages came again and are removed", **copies.counts)
