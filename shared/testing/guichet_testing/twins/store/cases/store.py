"""Cases in memory, written, set aside and destroyed on the same conditions as the real ones."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime

from guichet.case.case import Case
from guichet.case.record import OWED, RELEASED, SET_ASIDE, CaseRecord, DestroyedCase
from guichet.contracts.legal_facts import LONG_AGO
from guichet.errors import TransientError
from guichet.ids import AgentId, CaseId, EventId, Reference
from guichet.store.cases.erase import CaseErasing, OwedCase
from guichet.store.cases.store import CaseStore, NotInserted
from guichet_testing.twins.store.cases.history import InMemoryCaseHistory
from guichet_testing.twins.store.follow_views import InMemoryFollowViews


class InMemoryCaseStore(CaseStore, CaseErasing):
    """Twin of MongoCaseStore and MongoCaseErasing.

    destroyed: tombstones. views, history: of these cases. away: nothing answers.
    """

    def __init__(self, *, views: InMemoryFollowViews | None = None, history: InMemoryCaseHistory | None = None) -> None:
        self.views = views or InMemoryFollowViews()
        self.history = history or InMemoryCaseHistory()
        self.cases: dict[CaseId, CaseRecord] = {}
        self.destroyed: dict[CaseId, DestroyedCase] = {}
        self.away = False

    async def find_many(self, cases: Iterable[CaseId]) -> dict[CaseId, CaseRecord]:
        self.answer()
        return {case: self.cases[case] for case in cases if case in self.cases}

    async def find_by_references(self, references: Iterable[Reference]) -> dict[Reference, CaseRecord]:
        self.answer()
        wanted = set(references)
        return {case.reference: case for case in self.cases.values() if case.reference in wanted and not case.erasing}

    async def erased(self, cases: Iterable[CaseId]) -> frozenset[CaseId]:
        self.answer()
        erasing = {case for case, document in self.cases.items() if document.erasing}
        return frozenset({*erasing, *self.destroyed}.intersection(cases))

    async def insert_new(self, cases: Sequence[CaseRecord]) -> NotInserted:
        self.answer()
        there, doubled = set[CaseId](), set[CaseId]()
        references = {case.reference for case in self.cases.values()}
        for case in cases:
            if case.case_id in self.cases or case.case_id in self.destroyed:
                there.add(case.case_id)
            elif case.reference in references:
                doubled.add(case.case_id)
            else:
                references.add(case.reference)
                self.cases[case.case_id] = case
        return NotInserted(frozenset(there), frozenset(doubled))

    async def update_if_unchanged(self, cases: Sequence[Case]) -> frozenset[CaseId]:
        self.answer()
        return frozenset(case.record.case_id for case in cases if not self._update(case))

    async def pull_published(self, published: Mapping[CaseId, Sequence[EventId]]) -> frozenset[CaseId]:
        self.answer()
        for case_id, events in published.items():
            if case_id in self.cases:
                case = self.cases[case_id]
                left = tuple(entry for entry in case.outbox if entry.event["event_id"] not in set(events))
                self.cases[case_id] = case.model_copy(update={"outbox": left})
        return frozenset(self.destroyed.keys() & published.keys())

    async def assigned_to(self, agent: AgentId, skip: int, limit: int) -> list[CaseRecord]:
        self.answer()
        theirs = [case for case in self.cases.values() if case.assigned_to == agent and not case.erasing]
        return sorted(theirs, key=lambda case: (case.received_at, case.case_id))[skip : skip + limit]

    async def due(self, at: datetime, limit: int) -> list[CaseRecord]:
        self.answer()
        dated = [(case.snoozed_until, case) for case in self.cases.values() if case.snoozed_until and not case.erasing]
        due = sorted((until, case.case_id, case) for until, case in dated if until <= at)
        return [case for *_, case in due][:limit]

    async def to_reckon(self, day: date, limit: int) -> list[CaseRecord]:
        self.answer()
        living = [case for case in self.cases.values() if not case.erasing and case.due and case.due.changes_on]
        due = [(case.due.changes_on, case.case_id, case) for case in living if case.due and case.due.changes_on]
        return [case for on, _, case in sorted(due, key=lambda each: each[:2]) if on <= day][:limit]

    async def passed_over(self, day: date, limit: int) -> list[CaseId]:
        self.answer()
        found = await self.to_reckon(day, len(self.cases))
        return [case.case_id for case in found if case.due and case.due.changes_on != LONG_AGO][:limit]

    async def unfinished(self, before: datetime, limit: int, besides: Collection[CaseId] = ()) -> list[CaseId]:
        self.answer()
        waiting = [case for case in self.cases.values() if case.outbox and case.updated_at < before]
        oldest_first = sorted(waiting, key=lambda case: case.updated_at)
        return [case.case_id for case in oldest_first if case.case_id not in besides][:limit]

    async def mark_erasing(self, cases: Iterable[CaseId]) -> None:
        self.answer()
        for case in cases:
            if case in self.cases:
                self.cases[case] = self.cases[case].model_copy(update=SET_ASIDE)
                self.views.set_aside([case], erasing=True)

    async def release(self, cases: Iterable[CaseId]) -> None:
        self.answer()
        for case in cases:
            if case in self.cases:
                self.cases[case] = self.cases[case].model_copy(update=RELEASED)
                self.views.set_aside([case], erasing=False)

    async def owe_erasure(self, cases: Iterable[CaseId]) -> None:
        self.answer()
        for case in cases:
            if case in self.cases:
                self.cases[case] = self.cases[case].model_copy(update=OWED)

    async def owed(self) -> Sequence[CaseId]:
        self.answer()
        return sorted(case.case_id for case in self.cases.values() if case.owes_erasure)

    async def read_owed(self, case: CaseId) -> OwedCase | None:
        self.answer()
        now = self.cases.get(case)
        return OwedCase(case, now.version, now.facts) if now is not None and now.owes_erasure else None

    async def set_aside_owed(self, case: OwedCase) -> bool:
        now = await self.read_owed(case.case_id)
        if now is None or now.version != case.version:
            return False
        await self.mark_erasing([case.case_id])
        return True

    async def destroy(self, cases: Iterable[CaseId], at: datetime) -> None:
        self.answer()
        for case in cases:
            self.views.set_aside([case], erasing=True)
            if (living := self.cases.pop(case, None)) is not None:
                self.destroyed[case] = Case(living).destroy(at)
            self.history.remove([case])

    async def unpublished(self, limit: int) -> Sequence[DestroyedCase]:
        self.answer()
        waiting = [case for case in self.destroyed.values() if case.outbox]
        return sorted(waiting, key=lambda case: case.destroyed_at)[:limit]

    async def mark_published(self, cases: Iterable[CaseId]) -> None:
        self.answer()
        for case in cases:
            self.history.remove([case])
            if case in self.destroyed:
                self.destroyed[case] = self.destroyed[case].model_copy(update={"outbox": ()})

    def _update(self, case: Case) -> bool:
        now = self.cases.get(case.read.case_id)
        if now is None or now.erasing or now.version != case.read.version:
            return False
        kept = {"outbox": now.outbox + case.added, "owes_erasure": now.owes_erasure}
        self.cases[now.case_id] = case.record.model_copy(update=kept)
        return True

    def answer(self) -> None:
        """Raise TransientError while the store is away."""
        if self.away:
            raise TransientError("the cases are away")
