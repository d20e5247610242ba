"""Make way for an earlier version, which then puts its own backup back: it must find nothing that it does not know.

Today's version does this before its code is taken away. What was accepted since stays on its topics; where the earlier
one could not read it, it is said there once more as that one does, before its groups go back.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from guichet.contracts.earlier_forms import SINCE
from guichet.contracts.topics import TOPICS
from guichet.errors import PermanentError
from guichet.kafka.admin.group_offsets import registered_groups, running_groups, set_offsets
from guichet.kafka.admin.offsets import Offsets
from guichet.kafka.groupless.whole import read_whole
from guichet.kafka.produce.producer import Producer, Record
from guichet.mongo.backup_files import Manifest
from guichet.mongo.client import Database
from guichet.mongo.dump import file_of, read_documents
from guichet.runtime.settings import KafkaSettings
from guichet.store.setup.migration_records import COLLECTION as MIGRATIONS
from guichet.store.setup.restore import DataRestore
from guichet.vault.erasure_ledger.earlier import put_ledger_back
from guichet.vault.erasure_ledger.ledger import COLLECTION as LEDGER
from guichet_cli.backup.offsets import resume

INBOUND: Final = tuple(topic.name for topic in TOPICS if topic.name.startswith("inbound-"))
FILED_BY: Final = "case-router"
_AT_ONCE: Final = 100
Earlier = Callable[[bytes], bytes | None]


@dataclass(frozen=True)
class WayBack:
    """Collaborators. kafka: its administrator."""

    kafka: KafkaSettings
    data: DataRestore
    vault: Database

    async def make(self, folder: Path, manifest: Manifest, ledger: Path | None = None) -> int:
        """Make way; return how many messages were said once more. May be repeated. Raises TransientError.

        ledger: a backup of the vault from the same time, where the data's has no ledger beside it.

        Raises PermanentError while a service runs, or where an erasure was asked for, carried out or ended since.
        """
        if running := await running_groups(self.kafka, registered_groups()):
            raise PermanentError(f"{', '.join(running)} run(s): stop every service, the adapters too.")
        entries = (ledger or folder) / file_of(LEDGER)
        if not entries.exists():
            raise PermanentError(
                f"{folder} has no ledger of erasures beside it. Give --ledger with the vault's backup of the same hour."
            )
        await put_ledger_back(self.vault, read_documents(entries))
        said = await self._say_again(manifest, [*missing_forms(folder)])
        await self._go_back(manifest)
        await self.data.make_way(held_in(manifest))
        return said

    async def _say_again(self, manifest: Manifest, earlier: list[Earlier]) -> int:
        if not earlier:
            return 0
        count = 0
        producer = Producer(self.kafka, "guichet-restore", timeout=timedelta(seconds=30), linger=timedelta(0))
        async with producer:
            async for records in self._since(manifest):
                for start in range(0, len(records), _AT_ONCE):
                    again = [_earlier(each, earlier) for each in records[start : start + _AT_ONCE]]
                    unread = [each for each in again if each is not None]
                    await producer.send(unread)
                    count += len(unread)
        return count

    async def _since(self, manifest: Manifest) -> AsyncIterator[list[Record]]:
        stood = {(each.topic, each.partition): each.offset for each in manifest.offsets if each.group == FILED_BY}
        there = {topic for topic, _ in stood}
        async for found in read_whole(self.kafka, [topic for topic in INBOUND if topic in there]):
            yield [
                Record(each.topic, each.key, each.value, tuple(each.headers))
                for each in found
                if each.value is not None and each.offset >= (stood.get((each.topic, each.partition)) or 0)
            ]

    async def _go_back(self, manifest: Manifest) -> None:
        """Also on topics that the earlier version does not know: the next one files what came there."""
        async with Offsets(self.kafka) as offsets:
            resumption = resume(manifest.offsets, await offsets.lags(TOPICS))
        for group, partitions in resumption.offsets.items():
            await set_offsets(self.kafka, group, partitions)


def missing_forms(folder: Path) -> Iterator[Earlier]:
    """Yield what says today's records to the version that made a backup."""
    file = folder / file_of(MIGRATIONS)
    done = {each["_id"] for each in read_documents(file)} if file.exists() else set()
    yield from (say for number, say in sorted(SINCE.items()) if number not in done)


def held_in(manifest: Manifest) -> frozenset[str]:
    """Return the collections of which a backup holds something."""
    ending = file_of("")
    held = (file.name for file in manifest.files if file.documents)
    return frozenset(name.removesuffix(ending) for name in held if name.endswith(ending))


def _earlier(record: Record, forms: list[Earlier]) -> Record | None:
    """Return a record once more as an earlier version reads it; None where that one reads it as it is."""
    found: Mapping[int, bytes | None] = {number: say(record.value) for number, say in enumerate(forms)}
    value = next((each for each in found.values() if each is not None), None)
    return None if value is None else Record(record.topic, record.key, value, record.headers)
