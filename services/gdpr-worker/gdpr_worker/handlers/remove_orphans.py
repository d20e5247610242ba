"""Removes files that nothing names: an adapter keeps a message's files first, and may never get the message published.

Its source then sends it again, and its files are sealed anew: the first ones are nobody's (docs/decisions/0038).
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from guichet.batches import batched
from guichet.clock import Sleep
from guichet.errors import PermanentError
from guichet.kafka.admin.client import cluster_id
from guichet.mongo.ended import Ended
from guichet.runtime.settings import KafkaSettings
from guichet.runtime.telemetry.alarms import Alarm, clear_alarm, raise_alarm
from guichet.store.documents import DocumentFinder
from guichet.store.objects import CLAIM, ORPHANS_KEPT, ListedObjects, ObjectStore
from guichet.store.setup.schema import whole_data_map

log = structlog.get_logger()

PLACE: Final = "objects"
AT_ONCE: Final = 1000
PAUSE: Final = timedelta(seconds=1)  # after so many
ON_ITS_WAY: Final = timedelta(minutes=1)  # an edge gives up publishing long before, whatever any clock says
FEW: Final = 100  # so many may go of any store; of more, one in a hundred that are named
_FILES_AT_ONCE: Final = 16
_ID: Final = re.compile(r"[0-9a-f]{32}")

NAMING: Final = {entry.name: entry.files for entry in whole_data_map() if entry.files}


async def claim_files(objects: ObjectStore, kafka: KafkaSettings) -> None:
    """Put the claim that says whose the object store is: two installations that share one would take each other's
    files for nobody's.

    Raises TransientError, PermanentError where another cluster's gdpr-worker was first, or the cluster has no id.
    """
    cluster = await cluster_id(kafka)
    try:
        await objects.put(CLAIM, cluster.encode())
    except PermanentError as exc:
        raise PermanentError(f"object {CLAIM} says that the object store is another Kafka cluster's") from exc


@dataclass(frozen=True)
class OrphanedFiles(Ended):
    """Files put long ago that neither a document nor a topic names, of a store claimed as long ago.

    on_topics: which of these ids topics name; raises UnopenableError where nobody can tell. claim: raises
    PermanentError where the files are another installation's. check_whole: raises TransientError while the store is
    being restored, when documents are missing.
    """

    objects: ListedObjects
    documents: DocumentFinder
    on_topics: Callable[[Collection[str]], Awaitable[Collection[str]]]
    claim: Callable[[], Awaitable[None]]
    check_whole: Callable[[], Awaitable[None]]
    sleep: Sleep

    async def remove(self, now: datetime) -> dict[str, int]:
        """Remove them; one that was named while this looked stays. What is killed begins anew.

        A refusal, which a person must look at, is an alarm: every file stays. Raises TransientError.
        """
        try:
            await self.claim()
            removed = await self._delete(await self._orphans(now - ORPHANS_KEPT))
        except PermanentError as exc:
            log.error("files that nothing names stay", why=str(exc))
            raise_alarm(Alarm.ORPHANS_KEPT, PLACE)
            return {}
        clear_alarm(Alarm.ORPHANS_KEPT, PLACE)
        return {PLACE: removed}

    async def _orphans(self, before: datetime) -> set[str]:
        """Return what neither a document nor a topic names. Raises PermanentError where that is too much."""
        orphans, named = await self._not_in_documents(before)
        if not orphans:
            return orphans
        await self.sleep(ON_ITS_WAY)
        waiting = await self.on_topics(orphans)
        orphans.difference_update(waiting)
        named += len(waiting)
        if len(orphans) > max(FEW, named // 100):
            raise PermanentError(f"nothing names {len(orphans)} files, and {named} are named: is the store whole?")
        return orphans

    async def _not_in_documents(self, before: datetime) -> tuple[set[str], int]:
        """Return the old files that no document names, none where the claim is younger, and how many are named."""
        orphans, old, some, claimed = set[str](), 0, list[str](), False
        async for key in self.objects.put_before(before):
            claimed |= key == CLAIM
            if not _ID.fullmatch(key):
                continue  # not put by an adapter of ours
            some.append(key)
            if len(some) == AT_ONCE:
                orphans |= await self._unnamed(some)
                old, some = old + len(some), []
                await self.sleep(PAUSE)
        orphans |= await self._unnamed(some)
        named = old + len(some) - len(orphans)
        return (orphans if claimed else set()), named

    async def _unnamed(self, files: Collection[str]) -> set[str]:
        return set(files) - await self.documents.named(NAMING, files)

    async def _delete(self, orphans: Collection[str]) -> int:
        """A name moves from a topic into a document: documents are looked at once more, last."""
        removed = 0
        for some in batched(orphans, AT_ONCE):
            doomed = await self._unnamed(some)
            await self.check_whole()
            for few in batched(doomed, _FILES_AT_ONCE):
                await asyncio.gather(*map(self.objects.delete, few))
            removed += len(doomed)
            if len(some) == AT_ONCE:
                await self.sleep(PAUSE)
        return removed
