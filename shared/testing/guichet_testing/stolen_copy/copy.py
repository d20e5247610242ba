"""An exact copy of everything that rests on disk, made while Guichet runs, and read without it."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from guichet_local.stack import LocalStack
from guichet_testing.real.collections import HOLDING
from guichet_testing.real.servers import running_mongod
from guichet_testing.stolen_copy.opener import Vault
from guichet_testing.stolen_copy.sealed_items import Item, items_in_collection, items_in_objects, items_in_records
from guichet_testing.stolen_copy.segments import records_in

DATA, VAULT = "guichet", "guichet_vault"


@dataclass(frozen=True)
class Contents:
    """What lay in a copy: both databases whole, and everything sealed in them, on topics and in files."""

    data: Mapping[str, list[dict[str, Any]]]
    vault: Vault
    items: tuple[Item, ...]


def copy_of(stack: LocalStack, folder: Path) -> Path:
    """Copy mongod's data folder, the broker's and the files into `folder`, and return it.

    Key files stay where they are. mongod is kept from writing meanwhile (fsyncLock), so that its copy is what a
    snapshot of the disk would be.
    """
    with _locked(stack.mongodb_admin_uri):
        shutil.copytree(stack.folder / "mongodb" / "data", folder / "mongodb" / "data", ignore=_locks)
        shutil.copytree(stack.folder / "objects", folder / "objects")
        shutil.copytree(stack.folder / "kafka" / "data", folder / "kafka", ignore=_indexes)
    return folder


def read_copy(folder: Path) -> Contents:
    """Start a second mongod on the copied data, read the topics' files as they are, and return all that is in it."""
    with running_mongod(folder / "mongodb") as server:
        data, vault = databases(server.uri)
    files = {_object_id(path, folder): path.read_bytes() for path in (folder / "objects").rglob("*") if path.is_file()}
    items = [item for name, documents in data.items() for item in items_in_collection(name, documents)]
    items += items_in_records(records_in(folder / "kafka"))
    items += items_in_objects(files, data["messages"], data.get("drafts", ()))
    return Contents(data, vault, tuple(items))


def databases(uri: str) -> tuple[dict[str, list[dict[str, Any]]], dict[str, list[dict[str, Any]]]]:
    """Return every document of the data and of the vault."""
    with MongoClient[dict[str, Any]](uri) as client:
        data, vault = ({name: list(client[db][name].find()) for name in _names(client, db)} for db in (DATA, VAULT))
        return data, vault


def _names(client: MongoClient[dict[str, Any]], database: str) -> list[str]:
    return client[database].list_collection_names(filter=HOLDING)


def _object_id(path: Path, folder: Path) -> str:
    return path.relative_to(folder / "objects").as_posix()


@contextmanager
def _locked(uri: str) -> Iterator[None]:
    with MongoClient[dict[str, Any]](uri) as client:
        client.admin.command("fsync", lock=True)
        try:
            yield
        finally:
            client.admin.command("fsyncUnlock")


def _locks(_folder: str, names: list[str]) -> list[str]:
    return [name for name in names if name == "mongod.lock"]


def _indexes(_folder: str, names: list[str]) -> list[str]:
    """Kafka's indexes only say where in the segments something lies; they come and go while they are copied."""
    return [name for name in names if not name.endswith(".log") and "." in name]
