"""The composition root of search-indexer."""

from functools import partial
from typing import Final

from guichet.contracts.topics import CASE_EVENTS
from guichet.kafka.admin.offsets import Offsets
from guichet.kafka.consume.worker import Worker
from guichet.kafka.dead_letters.publish import DeadLetters
from guichet.migrations.checks import require_ready_store
from guichet.mongo.client import connect, connect_vault
from guichet.runtime.clock import clock_of
from guichet.runtime.rounds import in_rounds
from guichet.runtime.settings import KafkaSettings
from guichet.search.places import TownPlaces
from guichet.search_files.folder import SearchFolder
from guichet.search_files.keeper import SearchFileKeeper
from guichet.store.cases.searched import MongoSearchedCases
from guichet.store.cases.store import MongoCaseStore
from guichet.store.messages.store import MongoMessageStore
from guichet.town import load_town
from guichet.town.town_map import load_town_map
from guichet.vault.mongo_vault import open_vault
from guichet.vault.rotation.records import Rotations
from guichet.vault.search_keys import MongoSearchKeys
from search_indexer.entry.consumers import add_consumers
from search_indexer.handlers import follow_rotation
from search_indexer.handlers.follow_rotation import RotationFollower
from search_indexer.handlers.index_cases import CaseIndexer
from search_indexer.handlers.make_files import FileMaker
from search_indexer.handlers.sector_files import SectorFiles
from search_indexer.settings import SearchIndexerSettings

SERVICE: Final = "search-indexer"
_MAKE_EVERY: Final = follow_rotation.LOOK_EVERY / 4


def build_app(settings: SearchIndexerSettings) -> Worker:
    """Choose every concrete class of the service. Nothing connects before the worker runs. Raises SettingsError."""
    town, clock = load_town(settings.town), clock_of(SERVICE)
    where = TownPlaces(load_town_map(settings.town))
    database, vault = connect(settings.mongo), open_vault(settings.vault, clock.now)
    vault_database = connect_vault(settings.vault)
    rotations = Rotations(vault_database)
    cases, messages, searched = MongoCaseStore(database), MongoMessageStore(database), MongoSearchedCases(database)
    files = SectorFiles(
        SearchFileKeeper(SearchFolder(settings.search_files), MongoSearchKeys(vault, vault_database)),
        tuple(town.sectors),
        FileMaker(searched, messages, vault, where).make,
    )
    worker = Worker(
        SERVICE, settings.kafka, settings.health, DeadLetters(settings.kafka, vault, service=SERVICE, now=clock.now)
    )
    add_consumers(worker, CaseIndexer(files, cases, searched, messages, vault, where))

    async def newest_rotation() -> int:
        last = await rotations.last()
        return 0 if last is None else last.generation

    async def open_files() -> None:
        await files.open(await committed_of(settings.kafka))

    follower = RotationFollower(files, newest_rotation, searched)
    worker.on_start(partial(require_ready_store, database, settings.mongo, settings.vault))
    worker.on_start(vault.check)
    worker.on_start(open_files)
    worker.on_stop(files.close)
    worker.background(partial(in_rounds, files.make_missing, _MAKE_EVERY, clock.sleep, "search files are made later"))
    look = partial(
        in_rounds, follower.look, follow_rotation.LOOK_EVERY, clock.sleep, "search files get their key later"
    )
    worker.background(look)
    worker.health.add("vault", vault.check)
    worker.health.add("search-files", files.check)
    return worker


async def committed_of(kafka: KafkaSettings) -> dict[int, int]:
    """Return what the group has handled of the topic. Raises TransientError."""
    async with Offsets(kafka) as offsets:
        partitions = await offsets.partitions([CASE_EVENTS.name])
        committed = await offsets.committed(SERVICE, partitions)
    return {each.partition: found.offset for each, found in committed.items() if found is not None}
