"""Cases set aside and destroyed, in memory."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from guichet.ids import CaseId
from guichet.store.cases.erase import CaseErasing, DestroyedCase, destroyed
from guichet_testing.twins.store.cases.history import InMemoryCaseHistory
from guichet_testing.twins.store.cases.store import InMemoryCaseStore
from guichet_testing.twins.store.follow_views import InMemoryFollowViews


class InMemoryCaseErasing(CaseErasing):
    """Twin of MongoCaseErasing, on the cases of an InMemoryCaseStore. views, history: of these cases."""

    def __init__(
        self,
        cases: InMemoryCaseStore,
        views: InMemoryFollowViews | None = None,
        history: InMemoryCaseHistory | None = None,
    ) -> None:
        self._store = cases
        self._history = history or InMemoryCaseHistory()
        self._views = views or InMemoryFollowViews()

    async def mark_erasing(self, cases: Iterable[CaseId]) -> None:
        self._store.answer()
        for case in cases:
            if case in self._store.cases:
                self._store.cases[case] = self._store.cases[case].model_copy(update={"erasing": True})
                self._views.set_aside([case], erasing=True)

    async def release(self, cases: Iterable[CaseId]) -> None:
        self._store.answer()
        for case in cases:
            if case in self._store.cases:
                self._store.cases[case] = self._store.cases[case].model_copy(update={"erasing": False})
                self._views.set_aside([case], erasing=False)

    async def destroy(self, cases: Iterable[CaseId], at: datetime) -> None:
        self._store.answer()
        for case in cases:
            self._views.set_aside([case], erasing=True)
            if (living := self._store.cases.pop(case, None)) is not None:
                self._store.destroyed[case] = destroyed(living, at)
            self._history.remove([case])

    async def unpublished(self, limit: int) -> Sequence[DestroyedCase]:
        self._store.answer()
        waiting = [case for case in self._store.destroyed.values() if case.outbox]
        return sorted(waiting, key=lambda case: case.destroyed_at)[:limit]

    async def mark_published(self, cases: Iterable[CaseId]) -> None:
        self._store.answer()
        for case in cases:
            self._history.remove([case])
            if case in self._store.destroyed:
                self._store.destroyed[case] = self._store.destroyed[case].model_copy(update={"outbox": ()})
