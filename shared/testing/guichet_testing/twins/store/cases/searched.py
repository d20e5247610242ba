"""What searches are made of, in memory."""

from collections.abc import Iterable

from guichet.case.record import CaseRecord
from guichet.ids import CaseId, MessageId, SectorId
from guichet.store.cases.searched import SearchedCases, TimedMessage
from guichet_testing.twins.store.cases.store import InMemoryCaseStore
from guichet_testing.twins.store.messages import InMemoryMessageStore


class InMemorySearchedCases(SearchedCases):
    """Twin of MongoSearchedCases, on the cases and messages of their twins."""

    def __init__(self, cases: InMemoryCaseStore, messages: InMemoryMessageStore) -> None:
        self._cases = cases
        self._messages = messages

    async def cases_after(self, after: CaseId | None, limit: int) -> tuple[list[CaseRecord], CaseId | None]:
        self._cases.answer()
        names = sorted({*self._cases.cases, *self._cases.destroyed})
        found = [name for name in names if name > (after or "")][:limit]
        living = [self._cases.cases[name] for name in found if name in self._cases.cases]
        return living, found[-1] if found else None

    async def of_sector(self, sector: SectorId, cases: Iterable[CaseId]) -> frozenset[CaseId]:
        found = await self._cases.find_many(cases)
        return frozenset(name for name, case in found.items() if case.sector == sector)

    async def living_messages(self, messages: Iterable[MessageId]) -> frozenset[MessageId]:
        return frozenset(await self._messages.find_many(messages))

    async def timed_messages_of(self, cases: Iterable[CaseId]) -> dict[CaseId, tuple[TimedMessage, ...]]:
        listed = {case: await self._messages.of_case(case) for case in cases}
        return {case: tuple((each.message_id, each.at) for each in found) for case, found in listed.items() if found}
