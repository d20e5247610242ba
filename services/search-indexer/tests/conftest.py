"""The world around search-indexer: its collaborators as twins in memory, real search files in a folder."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from guichet.case.record import CaseRecord
from guichet.contracts.inbound_content import MAIL_ADDRESS, Identifier, InboundContent, Location
from guichet.ids import AgentId, CaseId, DepartmentId, MessageId, SectorId, derive_id
from guichet.rights.scope import Scope
from guichet.search.places import TownPlaces
from guichet.search.query import read_query
from guichet.search_files.folder import SearchFolder
from guichet.search_files.keeper import SearchFileKeeper
from guichet.search_files.readers import SearchFiles
from guichet.store.messages.document import Direction, MessageDocument, OutboundContent
from guichet.town.town_map import load_town_map
from guichet.vault.sealing import Thing
from guichet_testing.builders.case import ARRIVED, a_case
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.sealing import seal_model
from guichet_testing.twins.store.cases.searched import InMemorySearchedCases
from guichet_testing.twins.store.cases.store import InMemoryCaseStore
from guichet_testing.twins.store.messages import InMemoryMessageStore
from guichet_testing.twins.vault import InMemorySearchKeys, InMemoryVault
from search_indexer.handlers.follow_rotation import RotationFollower
from search_indexer.handlers.index_cases import CaseIndexer
from search_indexer.handlers.make_files import FileMaker
from search_indexer.handlers.sector_files import SectorFiles

STREETS, SOCIAL = SectorId("cadre-de-vie"), SectorId("social")
SECTORS = (STREETS, SOCIAL)
DEPARTMENTS = (DepartmentId("voirie"), DepartmentId("espaces-verts"), DepartmentId("ccas"))


@dataclass
class World:
    """Everything around the service."""

    folder: Path
    cases: InMemoryCaseStore = field(default_factory=InMemoryCaseStore)
    messages: InMemoryMessageStore = field(default_factory=InMemoryMessageStore)
    vault: InMemoryVault = field(default_factory=InMemoryVault)
    rotation: int = 1
    said: int = 0

    def __post_init__(self) -> None:
        self.searched = InMemorySearchedCases(self.cases, self.messages)
        self.keys = InMemorySearchKeys(self.vault)
        self.begin()

    def begin(self) -> None:
        """Be a new process."""
        self.keeper = SearchFileKeeper(SearchFolder(self.folder), self.keys)
        where, store = TownPlaces(load_town_map(EXAMPLE_TOWN)), (self.searched, self.messages, self.vault)
        self.files = SectorFiles(self.keeper, SECTORS, FileMaker(*store, where).make)
        self.indexer = CaseIndexer(self.files, self.cases, *store, where)
        self.follower = RotationFollower(self.files, self._newest, self.searched)

    async def _newest(self) -> int:
        return self.rotation

    async def start(self, committed: dict[int, int] | None = None) -> None:
        """Open the files, and make those that are missing."""
        await self.files.open(committed or {})
        await self.files.make_missing()

    async def end(self) -> None:
        """End the process."""
        await self.files.close()

    async def a_case(self, name: str, *words: str, **replaced: Any) -> CaseRecord:
        """Let the store have a case with messages."""
        case = a_case(name, **replaced)
        await self.cases.insert_new([case])
        for each in words:
            await self.writes(case, each)
        return case

    async def writes(
        self, case: CaseRecord, words: str, location: Location | None = None, **replaced: Any
    ) -> MessageId:
        """Let a citizen write in a case."""
        zoe = Identifier(kind=MAIL_ADDRESS, value="zoe.martin@mail.example")
        content = InboundContent(sender=(zoe,), display_name="Zoé Martin", text=words, location=location)
        return await self._message(case, Direction.INBOUND, content, **replaced)

    async def answers(self, case: CaseRecord, words: str, author: AgentId | None = None) -> MessageId:
        """Let an agent answer; None: Guichet itself, with a receipt."""
        return await self._message(case, Direction.OUTBOUND, OutboundContent(text=words), author=author)

    async def _message(self, case: CaseRecord, direction: Direction, content: Any, **fields: Any) -> MessageId:
        self.said += 1
        name = MessageId(derive_id("said", str(self.said)))
        [key] = await self.vault.new_keys(1)
        message = {
            "_id": name,
            "direction": direction,
            "channel": case.channel,
            "accounts": (),
            "at": ARRIVED + timedelta(minutes=self.said),
            "filed": case.case_id,
            "content": seal_model(key, Thing("message", name), "content", content),
        }
        await self.messages.insert_outbound(MessageDocument.model_validate(message | fields))
        return name

    async def index(self, *cases: CaseRecord, places: dict[int, int] | None = None) -> None:
        """Let events tell of cases."""
        await self.indexer.index({case.case_id: () for case in cases}, places or {})

    async def found(self, typed: str, sector: SectorId = STREETS) -> list[CaseId] | None:
        """Search as a desk does."""
        files = SearchFiles(SearchFolder(self.folder), self.vault)
        scope = Scope.of_departments(AgentId("lea"), DEPARTMENTS, SECTORS)
        found = await files.find(sector, read_query(typed), scope, limit=50)
        await files.close()
        return None if found is None else [hit.case_id for hit in found.hits]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    world = World(tmp_path / "search")
    yield world
    await world.end()
