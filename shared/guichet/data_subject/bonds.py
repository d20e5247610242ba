"""From a person's ids to their documents, along the bonds that the data map declares, until nothing new is found."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from guichet.ids import KeyId
from guichet.privacy.blind_ids import BlindIds
from guichet.privacy.data_map.entry import Belonging, Bond, DataMapEntry
from guichet.store.documents import Document, DocumentFinder, values_at

Ids = Mapping[Bond, Collection[str]]
Documents = Mapping[str, Collection[str]]
"""By collection, the `_id`s of documents."""
NOTHING: Final[Documents] = {}


@dataclass
class Trail:
    """What a walk found. whole: by collection, documents of this person alone; partly: those of others too."""

    ids: dict[Bond, set[str]] = field(default_factory=lambda: defaultdict(set))
    whole: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    partly: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    keys: set[KeyId] = field(default_factory=set)
    objects: set[str] = field(default_factory=set)


async def walk(
    entries: Iterable[DataMapEntry],
    start: Ids,
    documents: DocumentFinder,
    blind_ids: BlindIds,
    spared: Documents = NOTHING,
) -> Trail:
    """Follow the bonds of these collections. start: what is known of the person. Raises TransientError.

    spared: documents that are not taken in, nor what they lead to; of what they share with others, others have a share.
    """
    trail = Trail()
    for bond, ids in start.items():
        trail.ids[bond].update(ids)
    steps = [(entry, belonging) for entry in entries for belonging in _bonds(entry)]
    asked: dict[tuple[str, str], set[str]] = defaultdict(set)
    found_more = True
    while found_more:
        found_more = False
        for entry, belonging in steps:
            done = asked[entry.name, belonging.path]
            if new := trail.ids[belonging.bond] - done:
                done |= new
                found_more = True
                for document in await _holding(documents, entry, belonging, new, blind_ids):
                    if document["_id"] not in spared.get(entry.name, ()):
                        _take_in(trail, entry, belonging, document, blind_ids)
    for name, ids in trail.whole.items():
        trail.partly[name] -= ids
    return trail


async def _holding(
    documents: DocumentFinder, entry: DataMapEntry, belonging: Belonging, ids: set[str], blind_ids: BlindIds
) -> list[Document]:
    return await documents.find(entry.name, belonging.path, _standing(belonging, ids, blind_ids), _fields(entry))


def _standing(belonging: Belonging, ids: set[str], blind_ids: BlindIds) -> set[str]:
    """Return ids as they stand in the documents."""
    return blind_ids.each(belonging.bond, ids) if belonging.blind else ids


def _bonds(entry: DataMapEntry) -> tuple[Belonging, ...]:
    """Return how a collection's documents are found; where others hold their `_id`, by that too."""
    own = Belonging(entry.documents, "_id") if entry.documents is not None else None
    return (*entry.belongs, own) if own is not None and own not in entry.belongs else entry.belongs


def _fields(entry: DataMapEntry) -> tuple[str, ...]:
    shared = (belonging.path for belonging in entry.belongs if belonging.shared)
    return (*entry.key_paths, *entry.files, *entry.left_keys, *shared)


def _take_in(trail: Trail, entry: DataMapEntry, belonging: Belonging, document: Document, blind_ids: BlindIds) -> None:
    trail.keys.update(_all_at(document, entry.left_keys))
    if belonging.shared and _others(trail, belonging, document, blind_ids):
        trail.partly[entry.name].add(document["_id"])
        return
    trail.whole[entry.name].add(document["_id"])
    trail.keys.update(_all_at(document, entry.key_paths))
    trail.objects.update(_all_at(document, entry.files))
    if entry.documents is not None:
        trail.ids[entry.documents].add(document["_id"])


def _others(trail: Trail, belonging: Belonging, document: Document, blind_ids: BlindIds) -> set[str]:
    return set(values_at(document, belonging.path)) - _standing(belonging, trail.ids[belonging.bond], blind_ids)


def _all_at(document: Document, paths: Iterable[str]) -> Iterable[Any]:
    return (value for path in paths for value in values_at(document, path))
