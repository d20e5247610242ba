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
from guichet.store.documents import DocumentFinder, values_at
from guichet.store.objects import ORPHANS_KEPT, ListedObjects, ObjectStore
from guichet.store.setup.schema import whole_data_map

log = structlog.get_logger()

PLACE: Final = "objects"
CLAIM: Final = "owned-by-kafka-cluster"
AT_ONCE: Final = 1000
PAUSE: Final = timedelta(seconds=1)  # after so many
ON_ITS_WAY: Final = timedelta(minutes=1)  # an edge gives up publishing long before, whatever any clock says
_FILES_AT_ONCE: Final = 16
_ID: Final = re.compile(r"[0-9a-f]{32}")

NAMING: Final = tuple((entry.name, path) for entry in whole_data_map() for path in entry.files)


async def claim_files(objects: ObjectStore, kafka: KafkaSettings) -> None:
    """Note in the object store whose it is. Two installations that share one would take
    each other's files for nobody's.

    Raises PermanentError where another cluster's gdpr-worker was first, TransientError.
    """
    await objects.put(CLAIM, (await cluster_id(kafka)).encode())


@dataclass(frozen=True)
class OrphanedFiles(Ended):
    """Files put long ago that neither a document nor a topic names.

    on_topics: which ids topics name; raises UnopenableError where nobody can tell. claim: raises PermanentError where
    the files are another installation's. check_whole: raises TransientError while the store is being restored, when
    documents are missing.
    """

    objects: ListedObjects
    documents: DocumentFinder
    on_topics: Callable[[], Awaitable[Collection[str]]]
    claim: Callable[[], Awaitable[None]]
    check_whole: Callable[[], Awaitable[None]]
    sleep: Sleep

    async def remove(self, now: datetime) -> dict[str, int]:
        """Remove them; one that was named while this looked stays, and so do all where most would go.

        A name moves from a topic into a document, so documents are looked at last. What is killed begins anew.
        """
        orphans, named = await self._not_in_documents(now - ORPHANS_KEPT)
        try:
            if orphans or named:  # long before there is an orphan
                await self.claim()
            waiting = await self._on_topics(orphans)
        except PermanentError as exc:
            log.warning("files that no document names stay", files=len(orphans), why=str(exc))
            return {}
        orphans -= waiting
        if len(orphans) > named + len(waiting):
            log.error("most files are named by nothing: is the store whole? they all stay", files=len(orphans))
            return {}
        return {PLACE: await self._delete(orphans)}

    async def _on_topics(self, orphans: set[str]) -> set[str]:
        if not orphans:
            return set()
        await self.sleep(ON_ITS_WAY)
        return orphans & set(await self.on_topics())

    async def _not_in_documents(self, before: datetime) -> tuple[set[str], int]:
        """Return the old files that no document names, and how many are named."""
        orphans, old, some = set[str](), 0, list[str]()
        async for key in self.objects.put_before(before):
            if not _ID.fullmatch(key):
                continue  # not put by an adapter of ours
            some.append(key)
            if len(some) == AT_ONCE:
                orphans |= await self._unnamed(some)
                old, some = old + len(some), []
                await self.sleep(PAUSE)
        orphans |= await self._unnamed(some)
        return orphans, old + len(some) - len(orphans)

    async def _unnamed(self, files: Collection[str]) -> set[str]:
        left = set(files)
        for collection, path in NAMING:
            for document in await self.documents.find(collection, path, left, (path,)):
                left.difference_update(values_at(document, path))
        return left

    async def _delete(self, orphans: Collection[str]) -> int:
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
