"""Read a whole backup of the data: is each file what was written, each document what a document is, each key there?"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from zlib import error

from bson.errors import BSONError
from bson.raw_bson import RawBSONDocument

from guichet.batches import batched
from guichet.errors import PermanentError
from guichet.ids import KeyId, is_id
from guichet.mongo.backup_files import Manifest, damaged, read_manifest, verify
from guichet.mongo.dump import BATCH, read_documents
from guichet.privacy.data_map.entry import DataMapEntry
from guichet.store.documents import values_at
from guichet.store.setup.schema import whole_data_map
from guichet_cli.backup.document_forms import FORMS, Form, has_todays_form, whole
from guichet_cli.backup.object_files import FOLDER, verify_objects
from guichet_cli.console.progress import Progress

Document = Mapping[str, Any]
AbsentKeys = Callable[[Iterable[KeyId]], Awaitable[frozenset[KeyId]]]
"""Tells which of these keys the vault neither has nor had destroyed."""

_ENDING: Final = ".bson.gz"


@dataclass
class Checked:
    """What was found. Counts, and the first of each thing that is wrong.

    odd: documents that no service would read. absent_keys: keys that something is sealed under and that the vault never
    held. absent_files: files that a message names and the backup lacks.
    """

    manifest: Manifest
    documents: int = 0
    keys: int = 0
    odd: list[str] = field(default_factory=list)
    absent_keys: list[str] = field(default_factory=list)
    absent_files: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether everything that it holds can be given back, and read."""
        return not self.odd and not self.absent_keys and not self.absent_files


def whole_backup(folder: Path, progress: Progress) -> Manifest:
    """Return the manifest once every file was read and found whole. Raises PermanentError; nothing is changed."""
    manifest = read_manifest(folder, "data")
    for name in verify(folder, manifest):
        progress.say(f"{name} is whole")
    if manifest.objects is not None:
        found = sum(1 for _ in verify_objects(folder))
        if found != manifest.objects:
            raise PermanentError(f"{folder} holds {found} of {manifest.objects} files. Restore another backup.")
    return manifest


@dataclass(frozen=True)
class BackupCheck:
    """absent_keys: of the vault that would be used with this backup. In memory: a batch of documents."""

    absent_keys: AbsentKeys
    progress: Progress

    async def run(self, folder: Path) -> Checked:
        """Read everything. Raises PermanentError where bytes or documents are not what was written, TransientError."""
        checked = Checked(await asyncio.to_thread(whole_backup, folder, self.progress))
        entries = {each.name: each for each in whole_data_map() if each.place == "collection"}
        forms = FORMS if has_todays_form(folder) else {}
        for file in checked.manifest.files:
            if file.name.endswith(_ENDING):
                name = file.name.removesuffix(_ENDING)
                before = checked.documents
                async for documents in self._batches(folder / file.name, name):
                    checked.documents += len(documents)
                    checked.odd += [
                        f"{name}: {each.get('_id')}" for each in documents if _is_odd(each, forms.get(name))
                    ]
                    if name in entries:
                        await self._what_they_need(folder, entries[name], documents, checked)
                if checked.documents - before != file.documents:
                    raise damaged(folder / file.name)
        self.progress.end()
        return checked

    async def _batches(self, path: Path, name: str) -> AsyncIterator[list[Document]]:
        raw = batched(read_documents(path), BATCH)
        while (documents := await asyncio.to_thread(_next, raw, path)) is not None:
            yield documents
            await self.progress.beat(name, len(documents))

    async def _what_they_need(
        self, folder: Path, entry: DataMapEntry, documents: Sequence[Document], checked: Checked
    ) -> None:
        keys = {KeyId(each) for each in _all_at(documents, entry.key_paths) if is_id(each)}
        checked.keys += len(keys)
        if keys:
            checked.absent_keys += sorted(await self.absent_keys(keys))
        if checked.manifest.objects is not None:
            files = {each for each in _all_at(documents, entry.files) if is_id(each)}
            checked.absent_files += sorted(each for each in files if not (folder / FOLDER / each).exists())


def _next(raw: Iterator[Sequence[RawBSONDocument]], path: Path) -> list[Document] | None:
    """Return the next batch; None at the end. Raises PermanentError."""
    try:
        batch = next(raw, None)
        return None if batch is None else [whole(each) for each in batch]
    except (OSError, EOFError, BSONError, error) as exc:
        raise damaged(path) from exc


def _is_odd(document: Document, form: Form | None) -> bool:
    try:
        return form is not None and form(document) is None
    except (ValueError, KeyError, TypeError):
        return True


def _all_at(documents: Iterable[Document], paths: Sequence[str]) -> Iterator[Any]:
    return (value for each in documents for path in paths for value in values_at(each, path))
