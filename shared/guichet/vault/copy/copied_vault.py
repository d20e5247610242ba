"""What a second copy of the vault holds: its backup, with what happened since laid over it."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Final

import bson

from guichet.mongo.backup_files import read_manifest
from guichet.mongo.dump import file_of, read_documents
from guichet.vault.copy.changes import READABLE, Changes, belongs, decoded
from guichet.vault.copy.folder import CHANGES
from guichet.vault.copy.frames import read_frames

AT_ONCE: Final = 32 * 1024 * 1024  # bytes of changes; in memory they take some five times as much
Document = Mapping[str, Any]
_GONE: Final = None


class CopiedVault:
    """The copy in one folder copy-…. What happened since its backup is a day's keys, as a rule, and is in memory then.
    It grows for as long as no new copy has room beside this one: so it is read in parts, each by its ids.

    Every method blocks, and raises PermanentError where the copy is damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.manifest = read_manifest(path, "vault")

    def documents(self, name: str) -> Iterator[Document]:
        """Yield what this collection held, in no order."""
        parts = 1 + (self.path / CHANGES).stat().st_size // AT_ONCE
        for part in range(parts):
            yield from self._part(name, partial(_is_in, part, parts))

    def _part(self, name: str, is_in_it: Callable[[Any], bool]) -> Iterator[Document]:
        since = self._since(name, is_in_it)
        for document in read_documents(self.path / file_of(name)):
            raw = bytes(document.raw)
            if belongs(name, raw) and (id_ := bson.decode(raw, READABLE)["_id"]) not in since and is_in_it(id_):
                yield document
        for changed in since.values():
            if changed is not _GONE:
                yield changed

    @cached_property
    def last(self) -> Changes | None:
        """The last changes that came, without what they were; None where nothing ever came."""
        last = None
        for content in read_frames(self.path / CHANGES):
            last = decoded(content)
        return None if last is None else Changes(last.at, last.token)

    def _since(self, name: str, is_in_it: Callable[[Any], bool]) -> dict[Any, Document | None]:
        since: dict[Any, Document | None] = {}
        for content in read_frames(self.path / CHANGES):
            for change in decoded(content).documents:
                if change["in"] == name and is_in_it(change["id"]):
                    since[change["id"]] = change.get("doc")
        return since


def _is_in(part: int, parts: int, id_: Any) -> bool:
    return parts == 1 or hash(id_) % parts == part
