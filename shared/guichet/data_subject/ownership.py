"""Whether ids are a person's, or of something that is erased already: what comes again on a topic is erased again."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from guichet.data_subject.personal_data import PersonalData
from guichet.data_subject.senders import CASES, MESSAGES
from guichet.privacy.data_map.entry import Bond, DataMapEntry
from guichet.store.documents import Document, DocumentFinder, values_at

Held = dict[Bond, set[str]]

_TOMBSTONES: Final = {Bond.MESSAGE: (MESSAGES, "erased_at"), Bond.CASE: (CASES, "destroyed_at")}


def ids_held(entry: DataMapEntry, documents: Iterable[Document]) -> Held:
    """Return the ids by which these events of a topic are somebody's. Pure."""
    held: Held = defaultdict(set)
    for document in documents:
        for belonging in entry.belongs:
            held[belonging.bond].update(str(value) for value in values_at(document, belonging.path))
    return held


async def owned(
    held: Mapping[Bond, set[str]], personal_data: PersonalData, documents: DocumentFinder
) -> frozenset[str]:
    """Return those of the ids that are the person's or erased. Raises TransientError."""
    mine = {*personal_data.citizens, *personal_data.cases, *personal_data.messages}
    found = {value for ids in held.values() for value in ids if value in mine}
    for bond, (collection, mark) in _TOMBSTONES.items():
        if unknown := held.get(bond, set()) - found:
            marked = await documents.find(collection, "_id", unknown, (mark,))
            found |= {document["_id"] for document in marked if mark in document}
    return frozenset(found)
