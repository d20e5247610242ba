"""Read and change saved views: an agent's own, and those of the departments whose cases they answer."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from agent_desk.domain.errors import NotFoundError
from agent_desk.domain.visitor import Visitor
from agent_desk.domain.work.saved_view_form import SavedViewInput, view_id_of
from agent_desk.domain.work.saved_view_link import SavedViewShown
from guichet.ids import SavedViewId
from guichet.store.audit.trail import Act, AuditEntry, AuditTrail
from guichet.store.saved_views import MOST, SAVED_LIST, SavedList, SavedView, SavedViews
from guichet.vault.fields import open_each
from guichet.vault.ports import Vault


@dataclass(frozen=True)
class SavedViewBook:
    """Every method raises TransientError; NotFoundError for what is not the visitor's.

    key: of the views' ids. clock: aware UTC.
    """

    views: SavedViews
    vault: Vault
    audit: AuditTrail
    key: bytes = field(repr=False)
    clock: Callable[[], datetime]

    async def list_views(self, visitor: Visitor) -> list[SavedViewShown]:
        """Return what a visitor may open, by name; one that does not open is left out, and the alarm tells."""
        there = await self.views.of(visitor.agent.agent_id, visitor.scope.answered_departments)
        kept = {each.view_id: each for each in there}
        opened = await open_each(self.vault, {name: SAVED_LIST.on(name, each.list) for name, each in kept.items()})
        shown = [
            SavedViewShown(name, kept[name].department, said.name, said.words) for name, said in opened.values.items()
        ]
        return sorted(shown, key=lambda each: (each.name.casefold(), each.view_id))

    async def find(self, visitor: Visitor, view_id: str) -> SavedViewShown:
        """Return one."""
        for each in await self.list_views(visitor):
            if each.view_id == view_id:
                return each
        raise NotFoundError

    async def keep(self, visitor: Visitor, said: SavedViewInput, *, instead_of: SavedViewId | None = None) -> bool:
        """Keep a view under its name, sealed under a key of its own; say whether there was room.

        instead_of: one that goes when this one is kept.
        """
        author = visitor.agent.agent_id
        name = view_id_of(self.key, author, said.department, said.name)
        there = await self.views.of(author, () if said.department is None else (said.department,))
        beside = {each.view_id for each in there if each.department == said.department} - {name, instead_of}
        if len(beside) >= MOST:
            return False
        (key,) = await self.vault.new_keys(1)
        await self._note(visitor, name)
        await self.views.put(
            SavedView(
                _id=name,
                owner=author if said.department is None else None,
                department=said.department,
                list=SAVED_LIST.seal(key, name, SavedList(name=said.name, words=said.words)),
                changed_at=self.clock(),
                changed_by=author,
            )
        )
        return True

    async def rename(self, visitor: Visitor, found: SavedViewShown, said: SavedViewInput) -> bool:
        """Give one another name, and say whether there was room; one of the same owner that has it gives way."""
        if not await self.keep(visitor, said, instead_of=found.view_id):
            return False
        if view_id_of(self.key, visitor.agent.agent_id, found.department, said.name) != found.view_id:
            await self.views.remove(found.view_id, self.clock())
        return True

    async def remove(self, visitor: Visitor, view_id: str) -> None:
        """Throw one away."""
        found = await self.find(visitor, view_id)
        await self._note(visitor, found.view_id)
        await self.views.remove(found.view_id, self.clock())

    async def _note(self, visitor: Visitor, view_id: SavedViewId) -> None:
        at, agent = self.clock(), visitor.agent.agent_id
        await self.audit.record(
            AuditEntry(at=at, agent=agent, act=Act.SAVED_VIEW_CHANGED, thing="saved-view", things=(view_id,))
        )
