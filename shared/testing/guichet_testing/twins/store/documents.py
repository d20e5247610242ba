"""Documents of any collection in memory."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from guichet.store.documents import Document, DocumentFinder, values_at


class InMemoryDocumentFinder(DocumentFinder):
    """Twin of MongoDocumentFinder. documents: by collection and `_id`."""

    def __init__(self) -> None:
        self.documents: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)

    def add(self, collection: str, *documents: dict[str, Any]) -> None:
        """Keep documents."""
        self.documents[collection].update({document["_id"]: document for document in documents})

    async def find(
        self, collection: str, path: str, values: Collection[str | None], fields: Iterable[str]
    ) -> list[Document]:
        roots = {"_id", *(name.split(".")[0] for name in fields)}
        return [
            {name: value for name, value in document.items() if name in roots}
            for document in self.documents[collection].values()
            if set(values) & set(values_at(document, path) or (None,))
        ]

    async def named(self, places: Mapping[str, Sequence[str]], values: Collection[str]) -> frozenset[str]:
        found = (
            values_at(document, path)
            for collection, paths in places.items()
            for document in self.documents[collection].values()
            for path in paths
        )
        return frozenset(value for each in found for value in each).intersection(values)

    async def distinct(self, collection: str, path: str) -> frozenset[str]:
        found = (values_at(document, path) for document in self.documents[collection].values())
        return frozenset(value for values in found for value in values)

    async def delete(self, collection: str, ids: Collection[str]) -> None:
        for each in ids:
            self.documents[collection].pop(each, None)
