"""Read a whole backup of the data: is each file what was written, each document what a document is, each key there?"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Final
from zlib import error

from bson.errors import BSONError
from bson.raw_bson import RawBSONDocument

from guichet.batches import batched
from guichet.errors import PermanentError
from guichet.mongo.backup_files import Manifest, damaged, read_manifest, verify
from guichet.mongo.dump import BATCH, read_documents
from guichet_cli.backup.document_forms import FORMS, has_todays_form, whole
from guichet_cli.backup.examine import AbsentKeys, Document, Examination, Found
from guichet_cli.backup.object_files import FOLDER, verify_objects
from guichet_cli.console.progress import Progress

_ENDING: Final = ".bson.gz"


def whole_backup(folder: Path, progress: Progress) -> Manifest:
    """Return the manifest once every file was read and found whole. Raises PermanentError; nothing is changed."""
    manifest = read_manifest(folder, "data")
    _refuse_what_was_added(folder, manifest)
    for name in verify(folder, manifest):
        progress.say(f"{name} is whole")
    if manifest.objects is not None:
        found = sum(1 for _ in verify_objects(folder))
        if found != manifest.objects:
            raise PermanentError(f"{folder} holds {found} of {manifest.objects} files. Restore another backup.")
    return manifest


def _refuse_what_was_added(folder: Path, manifest: Manifest) -> None:
    """A collection that the manifest does not name would be put back, unread; a link leads out of the backup."""
    named = {file.name for file in manifest.files}
    for path in folder.rglob("*"):
        if path.is_symlink() or (path.parent == folder and path.name.endswith(_ENDING) and path.name not in named):
            raise PermanentError(f"{path} was added to this backup, which never held it. Nothing was changed.")


async def check_backup(folder: Path, absent_keys: AbsentKeys, progress: Progress) -> tuple[Manifest, Found]:
    """Read everything. absent_keys: of the vault that would be used with this backup. In memory: a batch of documents.

    Raises PermanentError where bytes or documents are not what was written, TransientError.
    """
    manifest = await asyncio.to_thread(whole_backup, folder, progress)

    async def has_file(key: str) -> bool:
        return await asyncio.to_thread((folder / FOLDER / key).exists)

    examination = Examination(
        FORMS if has_todays_form(folder) else {}, absent_keys, has_file if manifest.objects is not None else None
    )
    for file in (each for each in manifest.files if each.name.endswith(_ENDING)):
        name, count = file.name.removesuffix(_ENDING), 0
        async for documents in _batches(folder / file.name):
            await examination.read(name, documents)
            count += len(documents)
            await progress.beat(name, len(documents))
        if count != file.documents:
            raise damaged(folder / file.name)
    progress.end()
    return manifest, examination.found


async def _batches(path: Path) -> AsyncIterator[list[Document]]:
    raw = batched(read_documents(path), BATCH)
    while (documents := await asyncio.to_thread(_next, raw, path)) is not None:
        yield documents


def _next(raw: Iterator[Sequence[RawBSONDocument]], path: Path) -> list[Document] | None:
    """Return the next batch; None at the end. Raises PermanentError."""
    try:
        batch = next(raw, None)
        return None if batch is None else [whole(each) for each in batch]
    except (OSError, EOFError, BSONError, error) as exc:
        raise damaged(path) from exc
