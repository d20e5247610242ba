"""The registry's addresses in memory, written on the same conditions as the real ones."""

from collections.abc import Iterable, Sequence

from guichet.errors import TransientError
from guichet.ids import IdentifierId
from guichet.store.registry.identifiers import IdentifierDocument, IdentifierStore


class InMemoryIdentifierStore(IdentifierStore):
    """Twin of MongoIdentifierStore. away: the store does not answer."""

    def __init__(self) -> None:
        self.identifiers: dict[IdentifierId, IdentifierDocument] = {}
        self.away = False

    async def find_many(self, identifiers: Iterable[IdentifierId]) -> dict[IdentifierId, IdentifierDocument]:
        self._answer()
        return {each: self.identifiers[each] for each in identifiers if each in self.identifiers}

    async def insert_new(self, identifiers: Sequence[IdentifierDocument]) -> frozenset[IdentifierId]:
        self._answer()
        return frozenset(each.identifier_id for each in identifiers if not self._insert(each))

    async def replace_if_unchanged(self, identifiers: Sequence[IdentifierDocument]) -> bool:
        self._answer()
        replaced = [self._replace(each) for each in identifiers]
        return all(replaced)

    def _insert(self, identifier: IdentifierDocument) -> bool:
        return self.identifiers.setdefault(identifier.identifier_id, identifier) is identifier

    def _replace(self, identifier: IdentifierDocument) -> bool:
        known = self.identifiers.get(identifier.identifier_id)
        if known is None or known.version != identifier.version - 1:
            return False
        self.identifiers[identifier.identifier_id] = identifier
        return True

    def _answer(self) -> None:
        if self.away:
            raise TransientError("the identifiers are away")
