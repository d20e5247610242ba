"""Saved views in memory."""

from collections.abc import Collection
from datetime import datetime

from guichet.errors import TransientError
from guichet.ids import AgentId, DepartmentId, SavedViewId
from guichet.store.saved_views import MOST, SavedView, SavedViews


class InMemorySavedViews(SavedViews):
    """Twin of MongoSavedViews. away: the store does not answer."""

    def __init__(self) -> None:
        self.views: dict[SavedViewId, SavedView] = {}
        self.away = False

    async def put(self, view: SavedView) -> None:
        self._answer()[view.view_id] = view

    async def remove(self, view: SavedViewId, at: datetime) -> None:  # noqa: ARG002  the port's
        self._answer().pop(view, None)

    async def of(self, agent: AgentId, departments: Collection[DepartmentId]) -> tuple[SavedView, ...]:
        there = self._answer().values()
        theirs = [each for each in there if each.department in departments]
        return (*(each for each in there if each.owner == agent), *theirs[: MOST * len(departments)])

    def _answer(self) -> dict[SavedViewId, SavedView]:
        if self.away:
            raise TransientError("the saved views are away")
        return self.views
