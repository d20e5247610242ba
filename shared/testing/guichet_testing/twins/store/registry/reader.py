"""The registry in memory, to be read."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from guichet.ids import CitizenId
from guichet.store.registry.citizens import CitizenDocument
from guichet.store.registry.identifiers import IdentifierDocument
from guichet.store.registry.reader import CitizenExists, CitizenReader


class InMemoryCitizenReader(CitizenReader):
    """Twin of MongoCitizenReader. citizens, identifiers: what the registry holds; tests add to them."""

    def __init__(self) -> None:
        self.citizens: list[CitizenDocument] = []
        self.identifiers: list[IdentifierDocument] = []

    async def who_exists(self, since: datetime | None = None) -> Sequence[CitizenExists]:
        found = [citizen for citizen in self.citizens if since is None or citizen.since >= since]
        return [_exists(citizen) for citizen in sorted(found, key=lambda citizen: citizen.since)]

    async def entered_last(self, count: int) -> Sequence[CitizenExists]:
        return [_exists(citizen) for citizen in self.citizens[-count:]]

    async def find_many(self, citizens: Iterable[CitizenId]) -> dict[CitizenId, CitizenDocument]:
        wanted = set(citizens)
        return {citizen.citizen_id: citizen for citizen in self.citizens if citizen.citizen_id in wanted}

    async def addresses_of(self, citizens: Iterable[CitizenId]) -> Sequence[IdentifierDocument]:
        wanted = set(citizens)
        found = [each for each in self.identifiers if wanted & {holder.citizen_id for holder in each.holders}]
        return sorted(found, key=lambda each: each.identifier_id)


def _exists(citizen: CitizenDocument) -> CitizenExists:
    return CitizenExists(citizen.citizen_id, citizen.formerly)
