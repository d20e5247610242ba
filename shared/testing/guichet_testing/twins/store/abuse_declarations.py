"""Declarations of abuse in memory, written on the same conditions as the real ones."""

from collections.abc import Iterable, Sequence

from guichet.errors import TransientError
from guichet.store.abuse_declarations import AbuseDeclaration, AbuseDeclarations


class InMemoryAbuseDeclarations(AbuseDeclarations):
    """Twin of MongoAbuseDeclarations. away: the store does not answer."""

    def __init__(self) -> None:
        self.declarations: dict[str, AbuseDeclaration] = {}
        self.away = False

    async def find_many(self, senders: Iterable[str]) -> dict[str, AbuseDeclaration]:
        self._answer()
        return {each: self.declarations[each] for each in senders if each in self.declarations}

    async def write(self, declarations: Sequence[AbuseDeclaration]) -> bool:
        self._answer()
        written = [self._write(each) for each in declarations]
        return all(written)

    def _write(self, declaration: AbuseDeclaration) -> bool:
        known = self.declarations.get(declaration.sender)
        if (known.version if known else 0) != declaration.version - 1:
            return False
        self.declarations[declaration.sender] = declaration
        return True

    def _answer(self) -> None:
        if self.away:
            raise TransientError("the declarations are away")
