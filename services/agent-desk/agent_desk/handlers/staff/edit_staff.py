"""Put what an administrator typed over what holds of the staff, or take it away; the desk knows it from then on."""

from dataclasses import dataclass

from agent_desk.handlers.staff.staff_directory import StaffDirectory
from guichet.ids import AgentId
from guichet.store.agents.staff_changes import StaffBook, StaffChanges
from guichet.town.staff.faults import Fault, Wrong
from guichet.town.staff.identities import IdentityMapping
from guichet.town.staff.overlay import Overlay, StaffKind, StaffValue, mapping_key, thing
from guichet.town.values import is_name


@dataclass(frozen=True)
class StaffEditor:
    """Edits one thing at a time, and returns why not. Every method raises TransientError.

    read: the version that its author read. by: who they are in the audit trail.
    """

    changes: StaffChanges
    directory: StaffDirectory

    async def book(self) -> StaffBook:
        """Return what holds, and why."""
        return await self.changes.book()

    async def put(
        self, kind: StaffKind, key: str, known: StaffValue | None, value: StaffValue, *, read: str, by: AgentId
    ) -> list[Fault]:
        """Let a thing be as it was typed. known: what it was; None for one that is new."""
        if isinstance(value, IdentityMapping):  # its claims are its key: others are another mapping
            moved = key if known is not None and mapping_key(value) != key else ""
            key = mapping_key(value)
            if known is None or moved:
                faults = await self._add(kind, key, value, by)
                return faults or (await self.take(kind, moved, read, by) if moved else [])
        elif known is None:
            if not is_name(key):
                return [Fault(("key",), Wrong.INVALID)]
            return await self._add(kind, key, value, by)
        return await self._change(Overlay(kind, key, value), read, by)

    async def take(self, kind: StaffKind, key: str, read: str, by: AgentId) -> list[Fault]:
        """Let a thing be no more: an entry of its own goes, over the files one says so."""
        if (await self.book()).in_files(kind, key):
            return await self._change(Overlay(kind, key, None), read, by)
        return await self.give_back(kind, key, read, by)

    async def give_back(self, kind: StaffKind, key: str, read: str, by: AgentId) -> list[Fault]:
        """Let the town's files say again what a thing is."""
        faults = await self.changes.give_back(kind, key, read=read, by=by)
        await self.directory.forget()
        return faults

    async def _add(self, kind: StaffKind, key: str, value: StaffValue, by: AgentId) -> list[Fault]:
        book = await self.book()
        if thing(book.now, kind, key) is not None:
            return [Fault(("key",), Wrong.TAKEN)]
        return await self._change(Overlay(kind, key, value), book.version(kind, key), by)

    async def _change(self, change: Overlay, read: str, by: AgentId) -> list[Fault]:
        faults = await self.changes.change(change, read=read, by=by)
        await self.directory.forget()
        return faults
