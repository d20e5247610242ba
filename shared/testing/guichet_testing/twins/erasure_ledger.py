"""Twin of the ledger of erasures."""

from collections.abc import Callable, Sequence

from guichet.errors import TransientError
from guichet.ids import CitizenId, EventId
from guichet.vault.erasure_ledger.entry import ErasureEntry
from guichet.vault.erasure_ledger.ledger import ErasureLedger


class InMemoryErasureLedger(ErasureLedger):
    """The ledger in memory. away: the vault does not answer."""

    def __init__(self) -> None:
        self.entries: dict[EventId, ErasureEntry] = {}
        self.away = False

    async def add(self, entry: ErasureEntry) -> None:
        self._require()
        self.entries.setdefault(entry.request_id, entry)

    async def find(self, request_id: EventId) -> ErasureEntry | None:
        self._require()
        return self.entries.get(request_id)

    async def of_citizen(self, citizen: CitizenId, tag: str) -> Sequence[ErasureEntry]:
        return self._those(lambda entry: entry.citizen == citizen or tag in entry.tags)

    async def all(self) -> Sequence[ErasureEntry]:
        return self._those(lambda _: True)

    async def unfinished(self) -> Sequence[ErasureEntry]:
        return self._those(lambda entry: not entry.finished)

    async def replace_if_unchanged(self, entry: ErasureEntry) -> bool:
        self._require()
        there = self.entries.get(entry.request_id)
        if there is None or there.version != entry.version - 1:
            return False
        self.entries[entry.request_id] = entry
        return True

    def _those(self, wanted: Callable[[ErasureEntry], bool]) -> list[ErasureEntry]:
        self._require()
        found = filter(wanted, self.entries.values())
        return sorted(found, key=lambda entry: (entry.requested_at, entry.request_id))

    def _require(self) -> None:
        if self.away:
            raise TransientError("the ledger is away")
