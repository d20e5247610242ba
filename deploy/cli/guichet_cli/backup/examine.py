"""Read documents as services and restores would: has each a form, has the vault its keys, are its files there?"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from guichet.ids import KeyId, is_id
from guichet.privacy.data_map.entry import DataMapEntry
from guichet.store.documents import values_at
from guichet.store.objects import is_object_key
from guichet.store.setup.schema import whole_data_map
from guichet_cli.backup.document_forms import Form

Document = Mapping[str, Any]
AbsentKeys = Callable[[Iterable[KeyId]], Awaitable[frozenset[KeyId]]]
"""Tells which of these keys the vault neither has nor had destroyed."""
HasFile = Callable[[str], Awaitable[bool]]

_ENTRIES: Final[Mapping[str, DataMapEntry]] = {
    each.name: each for each in whole_data_map() if each.place == "collection"
}


_NAMED: Final = 3


@dataclass
class Wrong:
    """How many of a kind are wrong, and the first few by name: of a store that is lost that may be all of them."""

    count: int = 0
    first: list[str] = field(default_factory=list)

    def add(self, names: Iterable[str]) -> None:
        """Count some."""
        for name in names:
            self.count += 1
            if len(self.first) < _NAMED:
                self.first.append(name)

    def __str__(self) -> str:
        more = self.count - len(self.first)
        return ", ".join(self.first) + (f" and {more} more" if more else "")


@dataclass
class Found:
    """What was read, and what is wrong with it. Memory does not grow with it.

    odd: documents that no service would read. absent_keys: keys that something is sealed under and that the vault never
    held. absent_files: files that a message names and that are not there. shrunk_from: so many documents had the last
    good backup, and this one has less than half of them.
    """

    documents: int = 0
    keys: int = 0
    odd: Wrong = field(default_factory=Wrong)
    absent_keys: Wrong = field(default_factory=Wrong)
    absent_files: Wrong = field(default_factory=Wrong)
    shrunk_from: int | None = None

    @property
    def is_good(self) -> bool:
        """Whether all of it can be read, and it is all."""
        wrong = (self.odd, self.absent_keys, self.absent_files)
        return not any(each.count for each in wrong) and self.shrunk_from is None


@dataclass(frozen=True)
class Examination:
    """forms: by collection. absent_keys: of the vault that is to open it. has_file: None where files are elsewhere."""

    forms: Mapping[str, Form]
    absent_keys: AbsentKeys
    has_file: HasFile | None
    found: Found = field(default_factory=Found)

    async def read(self, name: str, documents: Sequence[Document]) -> None:
        """Read some documents of a collection. Raises TransientError."""
        found, form, entry = self.found, self.forms.get(name), _ENTRIES.get(name)
        found.documents += len(documents)
        found.odd.add(f"{name}: {each['_id']}" for each in documents if form is not None and _is_odd(each, form))
        if entry is None:
            return
        keys = {KeyId(each) for each in _all_at(documents, entry.key_paths) if is_id(each)}
        found.keys += len(keys)
        found.absent_keys.add(sorted(await self.absent_keys(keys)) if keys else ())
        if self.has_file is not None:
            files = sorted({each for each in _all_at(documents, entry.files) if is_object_key(each)})
            found.absent_files.add([each for each in files if not await self.has_file(each)])


def _is_odd(document: Document, form: Form) -> bool:
    try:
        return form(document) is None
    except (ValueError, KeyError, TypeError):
        return True


def _all_at(documents: Iterable[Document], paths: Sequence[str]) -> Iterator[Any]:
    return (value for each in documents for path in paths for value in values_at(each, path))
