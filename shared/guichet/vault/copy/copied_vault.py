"""What a second copy of the vault holds: its backup, with what happened since laid over it."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import bson

from guichet.mongo.backup_files import read_manifest
from guichet.mongo.dump import file_of, read_documents
from guichet.vault.copy.changes import READABLE, Changes, belongs, decoded
from guichet.vault.copy.folder import CHANGES
from guichet.vault.copy.frames import read_frames

Document = Mapping[str, Any]
_GONE: Final = None


class CopiedVault:
    """The copy in one folder copy-…. What happened since its backup is in memory: a day's keys, as a rule.

    Every method blocks, and raises PermanentError where the copy is damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.manifest = read_manifest(path, "vault")

    def documents(self, name: str) -> Iterator[Document]:
        """Yield what this collection held."""
        since = self._since.get(name, {})
        for document in read_documents(self.path / file_of(name)):
            raw = bytes(document.raw)
            if belongs(name, raw) and bson.decode(raw, READABLE)["_id"] not in since:
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

    @cached_property
    def _since(self) -> dict[str, dict[Any, Document | None]]:
        since: dict[str, dict[Any, Document | None]] = {}
        for content in read_frames(self.path / CHANGES):
            for change in decoded(content).documents:
                since.setdefault(change["in"], {})[change["id"]] = change.get("doc")
        return since
