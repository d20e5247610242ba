"""The files of answers that have not left, as an export names them; what they hold lies beside their lines. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from guichet.contracts.base import Contract
from guichet.errors import UnopenableError
from guichet.store.draft import AttachedFile, Draft, file_name
from guichet.vault.fields import Keys
from guichet.vault.sealing import DataKey


class NamedFile(Contract):
    """A file of a draft. It lies under draft-files/<draft_id>/<file_id>."""

    file_id: str
    name: str
    content_type: str
    size_bytes: int


def key_of(draft: Draft, keys: Keys) -> DataKey | None:
    """Return under which key a draft's files lie; None where it has nothing, or is destroyed."""
    return keys.get(draft.words.key_id) if draft.words is not None else None


def files_of(draft: Draft) -> tuple[AttachedFile, ...]:
    """Return what goes with an answer; of one on its way out, which is a draft where it arrives, as it leaves."""
    return (*(draft.leaving.files if draft.leaving is not None else ()), *draft.files)


def named_files(draft: Draft, keys: Keys) -> Iterator[NamedFile]:
    """Yield what is attached, leaving out what does not open."""
    if (key := key_of(draft, keys)) is None:
        return
    for each in files_of(draft):
        try:
            name = file_name(each.file_id).open(key, draft.draft_id, each.name)
        except UnopenableError:
            continue
        yield NamedFile(file_id=each.file_id, name=name, content_type=each.content_type, size_bytes=each.size_bytes)


def sealed_files(draft_id: str, files: Iterable[NamedFile], keys: Mapping[tuple[str, str], DataKey]) -> list[Any]:
    """Return what the document of a draft names. keys: by what has one."""
    return [
        AttachedFile(
            file_id=each.file_id,
            name=file_name(each.file_id).seal(keys["draft", draft_id], draft_id, each.name),
            content_type=each.content_type,
            size_bytes=each.size_bytes,
        ).model_dump()
        for each in files
    ]
