"""Put back from a snapshot, a machine opens nothing until its newest vault is back; on a real mongod."""

import base64
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from gdpr_worker.handlers.refuse_older_machine import MachineAge
from guichet.clock import SystemClock
from guichet.errors import SettingsError, TransientError
from guichet.mongo.client import Database, closing, connect_vault
from guichet.runtime.settings import OpeningSettings
from guichet.vault.keys.locked import VaultLock
from guichet.vault.mongo_vault import open_vault
from guichet.vault.root_key.age import refuse_older
from guichet.vault.setup import initialise_vault
from guichet_local.mongod.server import MongoServer

pytestmark = pytest.mark.real
A, B, C = (base64.b64encode(bytes([nth] * 32)).decode() for nth in range(3))


def written(path: Path, keys: Mapping[int, str]) -> Path:
    path.write_text(json.dumps(keys))
    path.chmod(0o600)
    return path


@pytest.mark.parametrize(
    ("here", "there", "is_older"),
    [
        ({1: A}, {1: A}, False),
        ({1: A}, {1: A, 2: B}, False),
        ({1: A, 2: B}, {1: A, 2: B}, False),
        ({2: B}, {1: A, 2: B}, False),
        ({1: A}, {2: B}, True),
        ({1: A}, {3: C}, True),
        ({3: C}, {1: A}, False),
    ],
    ids=["in step", "killed after the copy", "amid", "killed before the copy", "put back", "long ago", "an old copy"],
)
def test_a_rotation_that_was_killed_is_no_snapshot(
    tmp_path: Path, here: Mapping[int, str], there: Mapping[int, str], is_older: bool
) -> None:
    file, copy = written(tmp_path / "root.key", here), written(tmp_path / "copy", there)
    if is_older:
        with pytest.raises(SettingsError, match="put back from an older copy"):
            refuse_older(file, copy)
    else:
        refuse_older(file, copy)
    refuse_older(file, None)
    refuse_older(file, tmp_path / "not there")


@pytest.fixture
async def vault(mongo_server: MongoServer, mongo_database: str, tmp_path: Path) -> AsyncIterator[Database]:
    settings = OpeningSettings(
        mongodb_uri=mongo_server.uri, vault_database=f"{mongo_database}_vault", root_key_file=tmp_path / "root.key"
    )
    with closing(connect_vault(settings)) as database:
        await initialise_vault(database, settings.root_key_file, clock=SystemClock().now)
        yield database


async def test_nobody_opens_anything_there_until_it_is_no_longer_older(
    vault: Database, mongo_server: MongoServer, mongo_database: str, tmp_path: Path
) -> None:
    settings = OpeningSettings(
        mongodb_uri=mongo_server.uri, vault_database=f"{mongo_database}_vault", root_key_file=tmp_path / "root.key"
    )
    anybody = open_vault(settings, SystemClock().now)
    machine = MachineAge(tmp_path / "root.key", tmp_path / "copy", VaultLock(vault))
    await machine.check()
    await anybody.check()
    written(tmp_path / "copy", {9: C})
    for _ in range(2):
        with pytest.raises(SettingsError, match="of rotation 1, GUICHET_ROOT_KEY_COPY one of 9"):
            await machine.check()
    with pytest.raises(TransientError, match="being restored"):
        await anybody.check()
    (tmp_path / "copy").unlink()
    await machine.check()
    await anybody.check()
