"""Collections to files and back, in bounded memory, as raw BSON: nothing is opened, nothing is interpreted."""

import asyncio
import gzip
from collections.abc import Awaitable, Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

from bson.raw_bson import RawBSONDocument

from guichet.batches import batched
from guichet.mongo.backup_files import BackupFile, private_file
from guichet.mongo.bulk import insert_new
from guichet.mongo.client import Database, translate_errors
from guichet.mongo.snapshot import one_moment

BATCH: Final = 1000
_FAST: Final = 1  # what is sealed does not compress, and the rest does at any level

Beat = Callable[[str, int], Awaitable[None]]
"""Called after each batch with the collection's name and the number of documents in it."""

Keeps = Callable[[str, bytes], bool]
"""Called with the collection's name and a document, as raw BSON: whether it is written."""


@translate_errors
async def dump(
    database: Database, names: Iterable[str], folder: Path, beat: Beat, *, keeps: Keeps | None = None
) -> list[BackupFile]:
    """Write these collections as they stood at one moment, a file each. Raises TransientError, PermanentError.

    keeps: None keeps everything.
    """
    async with one_moment(database) as session:
        return [await _dump_one(database, name, folder, session, beat, keeps) for name in names]


async def _dump_one(
    database: Database, name: str, folder: Path, session: Any, beat: Beat, keeps: Keeps | None
) -> BackupFile:
    path, documents = folder / file_of(name), 0
    with private_file(path) as hashing, gzip.GzipFile("", "wb", _FAST, hashing, mtime=0) as file:
        async for found in database[name].find_raw_batches({}, batch_size=BATCH, session=session):
            batch = found if keeps is None else await asyncio.to_thread(_kept, found, partial(keeps, name))
            await asyncio.to_thread(file.write, batch)
            in_batch = sum(1 for _ in documents_in(batch))
            documents += in_batch
            await beat(name, in_batch)
    return BackupFile(name=path.name, size=hashing.size, sha256=hashing.sha256, documents=documents)


def _kept(batch: bytes, keeps: Callable[[bytes], bool]) -> bytes:
    return b"".join(each for each in documents_in(batch) if keeps(each))


@translate_errors
async def load(database: Database, name: str, folder: Path, beat: Beat) -> None:
    """Insert a file's documents; one whose id is there stays as it is. Raises TransientError."""
    await load_documents(database, name, read_documents(folder / file_of(name)), beat)


@translate_errors
async def load_documents(database: Database, name: str, documents: Iterator[Any], beat: Beat) -> None:
    """Insert documents; one whose id is there stays as it is. Raises TransientError."""
    for batch in batched(documents, BATCH):
        await insert_new(database[name], batch)
        await beat(name, len(batch))


def file_of(collection: str) -> str:
    """Return the name of a collection's file."""
    return f"{collection}.bson.gz"


def documents_in(batch: bytes) -> Iterator[bytes]:
    """Return each document of a batch of raw BSON: it begins with its own length."""
    at = 0
    while at < len(batch):
        length = int.from_bytes(batch[at : at + 4], "little")
        yield batch[at : at + length]
        at += length


def read_documents(path: Path) -> Iterator[RawBSONDocument]:
    """Return each document of a file."""
    with gzip.open(path, "rb") as file:
        while length := file.read(4):
            yield RawBSONDocument(length + file.read(int.from_bytes(length, "little") - 4))
