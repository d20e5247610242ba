"""Migrations on an older version's data, killed after every batch before it is noted: each batch is done twice.

mongod alone runs here; what the town then makes of it is test_upgrade's.
"""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from bson import BSON

from guichet.clock import SystemClock
from guichet.migrations.context import MigrationContext, MigrationSettings, open_context
from guichet.migrations.run import migrate
from guichet.store.setup.migration_records import MigrationRecords
from guichet.store.setup.migration_table import MIGRATIONS
from guichet.store.setup.schema import prepare
from guichet.vault.schema import prepare_vault
from guichet_local.plan.environment import stack_values
from guichet_local.plan.ports import free_plan
from guichet_local.plan.secrets import load_or_make_secrets
from guichet_testing.real.servers import running_mongod
from guichet_testing.stolen_copy.copy import databases
from tests.upgrade.life import DUMPS, Life, unpack

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]


class KilledError(BaseException):
    """kill -9."""


class Mortal(MigrationRecords):
    """Records of a process that is killed the first time it wants to note something."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.deaths: set[str] = set()

    async def keep(self, number: int, count: int, place: Any) -> None:
        self._die_once(f"{number} {sorted(place.items())}")
        await super().keep(number, count, place)

    async def finish(self, number: int, at: Any) -> None:
        self._die_once(f"{number} finish")
        await super().finish(number, at)

    def _die_once(self, where: str) -> None:
        if where not in self.deaths:
            self.deaths.add(where)
            raise KilledError


@dataclass
class Store:
    """A dump's databases on a mongod of their own."""

    life: Life
    uri: str
    context: MigrationContext

    def documents(self) -> Iterator[tuple[str, bytes]]:
        for kept in databases(self.uri):
            yield from ((name, BSON.encode(each)) for name, documents in kept.items() for each in documents)

    def found(self, marks: set[str]) -> Counter[str]:
        wanted = [mark.encode() for mark in marks]
        return Counter(name for name, each in self.documents() if any(mark in each for mark in wanted))


@pytest.fixture(params=DUMPS)
async def store(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Store]:
    unpack(request.param, tmp_path)
    with running_mongod(tmp_path / "mongodb") as server:
        secrets = load_or_make_secrets(tmp_path / "secrets")
        ours = {"GUICHET_MONGODB_URI": server.uri, "GUICHET_VAULT_MONGODB_URI": server.uri}
        for name, value in stack_values(tmp_path, free_plan(), secrets, ours).items():
            monkeypatch.setenv(name, value)
        async with open_context(MigrationSettings(), clock=SystemClock().now) as context:
            yield Store(Life.of(request.param), server.uri, context)


async def test_killed_after_every_batch_they_come_to_their_end(store: Store) -> None:
    database = store.context.database
    before = {name: await database[name].count_documents({}) for name in store.life.noted["counts"]}
    await prepare(database, clock=SystemClock().now)
    await prepare_vault(store.context.vault_database)
    records = Mortal(database)
    while True:
        try:
            await migrate(records, lambda: open_context(MigrationSettings(), clock=SystemClock().now), say=print)
        except KilledError:
            continue
        break
    assert [*await records.all()] == [each.number for each in MIGRATIONS]
    assert all(each.done_at for each in (await records.all()).values())
    after = {name: await database[name].count_documents({}) for name in before}
    assert after == before
    assert store.found(store.life.old_citizens) == {}
    assert store.found({*store.life.noted["tags"], *store.life.noted["digests"]}) == {}
