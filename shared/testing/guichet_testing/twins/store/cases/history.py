"""The history of cases in memory."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from guichet.case.history import HistoryEntry
from guichet.errors import TransientError
from guichet.ids import CaseId, DepartmentId, MessageId
from guichet.law.calendar import paris_date
from guichet.store.cases.history import (
    ABOUT_OUTBOUND,
    FACTS,
    MOVES,
    MOVES_AND_ANSWERS,
    OF_A_DAY,
    STEPS,
    CaseHistory,
    OnADay,
    in_order,
)


class InMemoryCaseHistory(CaseHistory):
    """Twin of MongoCaseHistory. away: the store does not answer."""

    def __init__(self, *entries: HistoryEntry) -> None:
        self.entries: dict[str, HistoryEntry] = {}
        self.away = False
        self.put(*entries)

    def put(self, *entries: HistoryEntry) -> None:
        """Add or replace entries."""
        self.entries.update({entry.entry_id: entry for entry in entries})

    def of(self, case: CaseId) -> list[HistoryEntry]:
        """Return a case's entries, oldest first."""
        return in_order(entry for entry in self.entries.values() if entry.case_id == case)

    def remove(self, cases: Iterable[CaseId]) -> None:
        """Delete everything about these cases."""
        gone = set(cases)
        self.entries = {key: entry for key, entry in self.entries.items() if entry.case_id not in gone}

    async def add(self, entries: Sequence[HistoryEntry]) -> None:
        self._answer()
        for entry in entries:
            self.entries.setdefault(entry.entry_id, entry)

    async def forget(self, cases: Collection[CaseId]) -> None:
        self._answer()
        self.remove(cases)

    async def of_causes(self, cases: Collection[CaseId], causes: Collection[str]) -> list[HistoryEntry]:
        self._answer()
        return [each for each in self.entries.values() if each.case_id in cases and each.cause in causes]

    async def moves(self, cases: Collection[CaseId]) -> list[HistoryEntry]:
        return [each for each in await self.moves_and_answers(cases) if each.type in MOVES]

    async def moves_and_answers(self, cases: Collection[CaseId]) -> list[HistoryEntry]:
        self._answer()
        return in_order(
            each for each in self.entries.values() if each.case_id in cases and each.type in MOVES_AND_ANSWERS
        )

    async def facts(self, case: CaseId) -> list[HistoryEntry]:
        self._answer()
        return in_order(each for each in self.of(case) if each.type in FACTS)

    async def steps(self, case: CaseId, until: datetime | None, skip: int, limit: int) -> list[HistoryEntry]:
        self._answer()
        found = [each for each in self.of(case) if each.type in STEPS and (until is None or each.at <= until)]
        newest_first = sorted(found, key=lambda entry: entry.at)[::-1]
        return newest_first[skip : skip + limit]

    async def of_outbound(self, case: CaseId, messages: Collection[MessageId]) -> list[HistoryEntry]:
        self._answer()
        return [each for each in self.of(case) if each.message_id in messages and each.type in ABOUT_OUTBOUND]

    async def messages(self, case: CaseId) -> frozenset[MessageId]:
        self._answer()
        return frozenset(each.message_id for each in self.of(case) if each.message_id is not None)

    async def count_days(self, department: DepartmentId, since: datetime, until: datetime) -> Mapping[OnADay, int]:
        self._answer()
        return Counter(
            OnADay(paris_date(each.at), each.type)
            for each in self.entries.values()
            if each.had_by == department and each.type in OF_A_DAY and since <= each.at < until
        )

    def _answer(self) -> None:
        if self.away:
            raise TransientError("the history is away")
