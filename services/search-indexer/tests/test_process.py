"""search-indexer as a process, on real Kafka and a real mongod: it finds, forgets, makes anew, and changes its keys."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from guichet.case.record import CaseRecord
from guichet.clock import SystemClock
from guichet.contracts.case_events import CaseDestroyed, CaseEvent, CaseOpened, CaseRerouted, CaseState
from guichet.contracts.inbound_content import InboundContent
from guichet.contracts.topics import CASE_EVENTS, TOPICS
from guichet.ids import AgentId, CaseId, DepartmentId, EventId, KeyId, MessageId, SectorId, derive_id
from guichet.kafka.admin.topics import create_topics
from guichet.kafka.produce.publisher import KafkaPublisher, Publication
from guichet.mongo.client import Database, connect, connect_vault
from guichet.rights.scope import Scope
from guichet.runtime.settings import KafkaSettings, MongoSettings, RotationSettings
from guichet.search.query import read_query
from guichet.search_files.folder import SearchFileName, SearchFolder
from guichet.search_files.readers import SearchFiles
from guichet.store.cases.erase import MongoCaseErasing
from guichet.store.cases.store import MongoCaseStore
from guichet.store.messages.document import INBOUND_CONTENT, Direction, MessageDocument
from guichet.store.messages.store import MongoMessageStore
from guichet.store.setup.schema import prepare
from guichet.vault.mongo_vault import MongoVault, open_vault
from guichet.vault.rotation.rotate import open_rotation
from guichet.vault.search_keys import MongoGivenUpKeys
from guichet.vault.setup import initialise_vault
from guichet_testing.builders.case import ARRIVED, a_case
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.until import until

pytestmark = pytest.mark.real

STREETS, SOCIAL = SectorId("voirie-espace-public"), SectorId("social")
SCOPE = Scope.of_departments(AgentId("lea"), [DepartmentId("voirie"), DepartmentId("ccas")], [STREETS, SOCIAL])
FOUND_WITHIN = 2.0  # seconds, on a machine that has nothing else to do


@dataclass
class Town:
    """The servers, what the router would have written there, and search-indexer's process."""

    environment: dict[str, str]
    database: Database
    vault_database: Database
    settings: RotationSettings
    vault: MongoVault
    publisher: KafkaPublisher
    process: subprocess.Popen[bytes] | None = None

    @property
    def folder(self) -> SearchFolder:
        return SearchFolder(Path(self.environment["GUICHET_SEARCH_FILES"]))

    def start(self) -> None:
        self.process = subprocess.Popen([sys.executable, "-m", "search_indexer"], env=self.environment)

    async def end(self, number: int = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return await asyncio.to_thread(self.process.wait, 40)

    async def writes(self, name: str, words: str) -> CaseRecord:
        """Let the store have a case with a message, which nobody was told of."""
        case, message = a_case(name, sector=STREETS), MessageId(derive_id("said", name))
        [key] = await self.vault.new_keys(1)
        await MongoMessageStore(self.database).insert_outbound(
            MessageDocument(
                _id=message,
                direction=Direction.INBOUND,
                channel="email",
                accounts=(),
                at=ARRIVED + timedelta(seconds=len(name)),
                filed=case.case_id,
                content=INBOUND_CONTENT.seal(key, message, InboundContent(sender=(), text=words)),
            )
        )
        await MongoCaseStore(self.database).insert_new([case])
        return case

    async def tell(self, kind: type[CaseEvent], case: CaseRecord, version: int = 1, **about: Any) -> None:
        """Publish what happened."""
        event = kind.model_validate(
            {
                "event_id": EventId(derive_id("event", case.case_id, kind.__name__)),
                "occurred_at": ARRIVED,
                "caused_by": "a cause",
                "version": version,
                **{name: getattr(case, name) for name in ("case_id", "reference", "sector", "department", "citizen")},
                **about,
            }
        )
        await self.publisher.publish(Publication(CASE_EVENTS, event))

    async def opens(self, name: str, words: str) -> CaseRecord:
        case = await self.writes(name, words)
        about = {"message_id": case.opened_by, "channel": "email", "account": case.account, "routing": case.routing}
        await self.tell(CaseOpened, case, received_at=ARRIVED, **about)
        return case

    async def found(self, typed: str, sector: SectorId = STREETS) -> list[CaseId] | None:
        """Search as a desk does: by itself, in the files."""
        if not self.folder.path.is_dir():
            return None
        files = SearchFiles(self.folder, self.vault)
        found = await files.find(sector, read_query(typed), SCOPE, limit=50)
        await files.close()
        return None if found is None else [hit.case_id for hit in found.hits]

    async def finds(self, typed: str, *cases: CaseRecord, sector: SectorId = STREETS) -> float:
        """Wait until just these are found; return the seconds."""
        began, wanted = monotonic(), {case.case_id for case in cases}

        async def are_found() -> bool:
            found = await self.found(typed, sector)
            return found is not None and {*found} == wanted

        await until(are_found, f"{typed} finds {len(wanted)}")
        return monotonic() - began

    def newest(self, sector: SectorId = STREETS) -> SearchFileName:
        name = self.folder.newest(sector)
        assert name is not None
        return name


@pytest.fixture
async def town(kafka_server: Any, mongo_server: Any, mongo_database: str, tmp_path: Path) -> AsyncIterator[Town]:
    kafka, now = KafkaSettings(kafka_bootstrap_servers=kafka_server.bootstrap_servers), SystemClock().now
    settings = RotationSettings(
        mongodb_uri=mongo_server.uri,
        vault_database=f"{mongo_database}_vault",
        root_key_file=tmp_path / "root.key",
        vault_backups=tmp_path / "backups",
    )
    database = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
    vault_database = connect_vault(settings)
    await prepare(database, clock=now)
    await initialise_vault(vault_database, tmp_path / "root.key", clock=now)
    await create_topics(kafka, topics=TOPICS)
    publisher = KafkaPublisher(kafka, "a-router")
    await publisher.start()
    environment = {
        **os.environ,
        "GUICHET_KAFKA_BOOTSTRAP_SERVERS": kafka_server.bootstrap_servers,
        "GUICHET_MONGODB_URI": mongo_server.uri,
        "GUICHET_MONGODB_DATABASE": mongo_database,
        "GUICHET_VAULT_DATABASE": f"{mongo_database}_vault",
        "GUICHET_ROOT_KEY_FILE": str(tmp_path / "root.key"),
        "GUICHET_TOWN": str(EXAMPLE_TOWN),
        "GUICHET_SEARCH_FILES": str(tmp_path / "search"),
        "GUICHET_HEALTH_PORT": "0",
    }
    town = Town(environment, database, vault_database, settings, open_vault(settings, now), publisher)
    yield town
    if town.process is not None:
        town.process.kill()
        await asyncio.to_thread(town.process.wait)
    await publisher.stop()
    database.client.close()
    vault_database.client.close()


async def test_what_happens_is_found_forgotten_and_handed_over_whoever_is_killed_when(town: Town) -> None:
    before = await town.writes("before", "Une fuite d'avant")  # an installation that comes from before
    town.start()
    await town.finds("fuite", before)
    new = await town.opens("new", "Encore des fuites")
    assert await town.finds("fuite", before, new) < 20 * FOUND_WITHIN  # of a machine that has much else to do
    assert await town.end(signal.SIGKILL) == -signal.SIGKILL
    moved = before.model_copy(update={"sector": SOCIAL, "department": DepartmentId("ccas"), "version": 2})
    await town.database["cases"].update_one(
        {"_id": before.case_id}, {"$set": {"sector": SOCIAL, "department": "ccas", "version": 2}}
    )
    [key] = await town.vault.new_keys(1)
    reason = INBOUND_CONTENT.seal(key, "a reason", InboundContent(sender=(), text=""))
    came_from = {"from_sector": STREETS, "from_department": "voirie"}
    await town.tell(CaseRerouted, moved, 2, by="lea", reason=reason, **came_from)
    town.start()
    await town.finds("fuite", before, sector=SOCIAL)
    await town.finds("fuite", new)
    erasing = MongoCaseErasing(town.database)
    await erasing.mark_erasing([new.case_id])
    await erasing.destroy([new.case_id], ARRIVED)
    await town.tell(CaseDestroyed, new.model_copy(update={"citizen": None}), 2, from_state=CaseState.RECEIVED)
    await town.finds("fuite")
    assert await town.end() == 0


async def test_files_that_are_lost_are_made_again_and_each_rotation_brings_other_keys(town: Town) -> None:
    town.start()
    case = await town.opens("case", "Une fuite")
    gone = await town.opens("gone", "Une fuite")
    await town.finds("fuite", case, gone)
    await town.database["cases"].delete_one({"_id": gone.case_id})  # nobody tells of it
    was = await _settled(town)
    await open_rotation(town.settings, town.vault_database, SystemClock().now).run()
    await until(lambda: town.newest() != was, "another key", seconds=90)
    await town.finds("fuite", case)
    given_up = MongoGivenUpKeys(town.vault_database)
    await until(lambda: _is_in(was.key_id, given_up), "its key is given up")
    assert await town.end() == 0
    for file in town.folder.path.iterdir():
        file.unlink()
    town.start()
    await town.finds("fuite", case)
    assert await town.end() == 0


async def _is_in(key: KeyId, given_up: MongoGivenUpKeys) -> bool:
    return key in await given_up.given_up()


async def _settled(town: Town) -> SearchFileName:
    """Return the file that knows of the newest rotation: one that was just made gets its key once more."""
    await until(lambda: town.newest().nth == 2, "the first look at the vault's rotations", seconds=90)
    return town.newest()
