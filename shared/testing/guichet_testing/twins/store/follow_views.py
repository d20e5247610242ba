"""Sealed views in memory."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from guichet.errors import TransientError
from guichet.ids import CaseId, MessageId
from guichet.store.follow_views.document import FollowView
from guichet.store.follow_views.store import FollowViews


class InMemoryFollowViews(FollowViews):
    """Twin of MongoFollowViews. away: nothing answers."""

    def __init__(self) -> None:
        self.views: dict[str, FollowView] = {}
        self.away = False

    async def find(self, lookup: str) -> FollowView | None:
        self.answer()
        view = self.views.get(lookup)
        return None if view is None or view.erasing else view

    async def put(self, views: Sequence[FollowView]) -> None:
        self.answer()
        for view in views:
            kept = self.views.get(view.lookup)
            if kept is None or (not kept.erasing and _is_older(kept, view)):
                self.views[view.lookup] = view

    async def withdraw(self, cases: Collection[CaseId]) -> None:
        self.answer()
        gone = {"box": None, "expires_at": None, "answers": (), "withdrawn": True}
        mine = [view for view in self.views.values() if view.case_id in cases]
        self.views |= {view.lookup: view.model_copy(update=gone) for view in mine}

    async def remove(self, cases: Collection[CaseId]) -> None:
        self._delete(lambda view: view.case_id in cases)

    async def remove_former(self, case: CaseId, link: str) -> None:
        self._delete(lambda view: view.case_id == case and view.lookup != link and not view.is_question)

    async def remove_questions(self, letters: Collection[MessageId]) -> None:
        self._delete(lambda view: view.is_question and not {*letters}.isdisjoint(view.answers))

    def _delete(self, is_meant: Callable[[FollowView], bool]) -> None:
        self.answer()
        self.views = {name: view for name, view in self.views.items() if not is_meant(view)}

    async def end(self, now: datetime) -> int:
        self.answer()
        ended = [view for view in self.views.values() if view.has_ended(now) and view.box is not None]
        self.views |= {view.lookup: view.model_copy(update={"box": None, "answers": ()}) for view in ended}
        return len(ended)

    def set_aside(self, cases: Collection[CaseId], *, erasing: bool) -> None:
        """Hide the views of cases under erasure, or show them again, as the erasure of cases does."""
        for view in self.views.values():
            if view.case_id in cases:
                self.views[view.lookup] = view.model_copy(update={"erasing": erasing})

    def answer(self) -> None:
        """Raise TransientError while the store is away."""
        if self.away:
            raise TransientError("the views are away")


def _is_older(kept: FollowView, view: FollowView) -> bool:
    return kept.version < view.version or (kept.withdrawn and kept.version == view.version)
