"""The object store's files to a backup's folder and back, as they are: sealed. One file is in memory at a time.

What the backup before holds is linked to where both lie on one file system: files hardly ever change, and each backup
would hold all of them once more. A link is made only to what was read and is the store's own bytes: no damage is
handed on, and what is erased is in no backup that is made afterwards.
"""

import asyncio
import hashlib
import os
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Final

from guichet.errors import PermanentError
from guichet.mongo.backup_files import BackupFile, damaged, digest_of, private_file
from guichet.runtime.disk import flush_to_disk
from guichet.store.objects import CLAIM, ListedObjects, ObjectStore, checked_key

FOLDER: Final = "objects"
DIGESTS: Final = "objects.sha256"
Beat = Callable[[str, int], Awaitable[None]]


async def save_objects(
    objects: ListedObjects, folder: Path, beat: Beat, earlier: Path | None = None
) -> tuple[BackupFile, int]:
    """Write every file, and the list of their digests; return the list, and how many files.

    earlier: a backup that holds many of them already. Raises TransientError, PermanentError.
    """
    with private_file(folder / DIGESTS) as digests:
        count = 0
        async for key in objects.all_keys():
            content = None if key == CLAIM else await _get(objects, key)
            if content is None:
                continue
            digest, held = hashlib.sha256(content).hexdigest(), None if earlier is None else earlier / FOLDER / key
            if held is None or not await asyncio.to_thread(_linked, folder / FOLDER / key, held, digest):
                await asyncio.to_thread(_write, folder / FOLDER / key, content)
            digests.write(f"{digest}  {FOLDER}/{key}\n".encode())
            count += 1
            await beat(FOLDER, 1)
    return BackupFile(name=DIGESTS, size=digests.size, sha256=digests.sha256, documents=0), count


def verify_objects(folder: Path) -> Iterator[str]:
    """Compare every file with its digest; yield each key once it is found whole. Raises PermanentError."""
    for digest, key in listed(folder):
        if digest_of(folder / FOLDER / key) != digest:
            raise damaged(folder / FOLDER / key)
        yield key


async def put_back(objects: ObjectStore, folder: Path, beat: Beat) -> None:
    """Put every file back; what came since stays, since topics may still name it.

    Each is what its digest says once more: what was put in its place since the backup was read, a link to a file that
    this process alone may read among it, is given to nobody. Raises TransientError, PermanentError.
    """
    for digest, key in listed(folder):
        if key == CLAIM:
            continue  # a backup of before may hold it
        content = await asyncio.to_thread((folder / FOLDER / key).read_bytes)
        if hashlib.sha256(content).hexdigest() != digest:
            raise damaged(folder / FOLDER / key)
        await objects.put(key, content)
        await beat(FOLDER, 1)


def listed(folder: Path) -> Iterator[tuple[str, str]]:
    """Return digest and key of every file."""
    with (folder / DIGESTS).open(encoding="utf-8") as lines:
        for line in lines:
            digest, _, path = line.rstrip("\n").partition("  ")
            yield digest, checked_key(path.removeprefix(f"{FOLDER}/"))


async def _get(objects: ListedObjects, key: str) -> bytes | None:
    """None: it was erased while the backup was made."""
    try:
        return await objects.get(key)
    except PermanentError as exc:
        if exc.reason != "no-such-object":
            raise
        return None


def _linked(path: Path, held: Path, digest: str) -> bool:
    """Have a file be the one that an earlier backup holds, if that is whole and the file system lets it."""
    if held.is_symlink() or digest_of(held) != digest:
        return False
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        os.link(held, path)
    except OSError:  # another file system, one without links, or as many as it takes
        return False
    flush_to_disk(path.parent)
    return True


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with private_file(path) as file:
        file.write(content)
