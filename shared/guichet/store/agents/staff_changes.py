"""Change what holds of the staff: checked, in the audit trail, told to the router, and never twice at once.

The desk's administration and `guichet staff` change by this alone (docs/decisions/0060).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Final

from guichet.ids import AgentId
from guichet.law.calendar import paris_date
from guichet.store.agents.rights import AgentRights, record_rights_as_they_change
from guichet.store.agents.sessions import Sessions
from guichet.store.agents.staff import StaffEntry, StaffStore, entry_id, entry_of
from guichet.store.audit.trail import Act, AuditEntry, AuditTrail
from guichet.town.staff.differences import differences
from guichet.town.staff.faults import Fault, Wrong
from guichet.town.staff.overlay import Overlay, StaffKind, faults_of, lasting_administrators, merged, thing
from guichet.town.staff.staff import Staff
from guichet.town.town import Town

OVERTAKEN: Final = Fault((), Wrong.OVERTAKEN)


@dataclass(frozen=True)
class StaffBook:
    """The files, and everything that was changed since, as it was read at one moment."""

    files: Staff
    entries: Mapping[str, StaffEntry]

    @cached_property
    def now(self) -> Staff:
        """The staff as it holds."""
        return merged(self.files, [entry.overlay for entry in self.entries.values()])

    def entry(self, kind: StaffKind, key: str) -> StaffEntry | None:
        """Return what was changed of a thing."""
        return self.entries.get(entry_id(kind, key))

    def version(self, kind: StaffKind, key: str) -> str:
        """Return which change of a thing this is; blank where the files hold."""
        entry = self.entry(kind, key)
        return entry.version if entry else ""

    def in_files(self, kind: StaffKind, key: str) -> bool:
        """Say whether the files say what a thing is, too."""
        return thing(self.files, kind, key) is not None

    def with_entry(self, entry: StaffEntry) -> "StaffBook":
        """Return the book as it would be after a change."""
        return replace(self, entries={**self.entries, entry.entry_id: entry})

    def without(self, gone: StaffEntry) -> "StaffBook":
        """Return the book as it would be once a thing is given back to the files."""
        return replace(self, entries={name: each for name, each in self.entries.items() if name != gone.entry_id})


@dataclass(frozen=True, kw_only=True)
class StaffChanges:
    """Changes one thing at a time. Every method raises TransientError.

    read: the version that its author read, blank for none. by: who they are in the audit trail.
    """

    town: Town
    entries: StaffStore
    rights: AgentRights
    sessions: Sessions
    audit: AuditTrail
    clock: Callable[[], datetime]

    async def book(self) -> StaffBook:
        """Return what holds, and why."""
        return StaffBook(self.town.staff, {entry.entry_id: entry for entry in await self.entries.all()})

    async def change(self, change: Overlay, *, read: str, by: AgentId) -> list[Fault]:
        """Let a thing be as the change says, from now on; return why not, where it is not."""
        book, at = await self.book(), self.clock()
        wanted = entry_of(change, at=at, by=by)
        return await self._apply(book, change, wanted, book.with_entry(wanted), read=read, by=by)

    async def give_back(self, kind: StaffKind, key: str, *, read: str, by: AgentId) -> list[Fault]:
        """Let the town's files say again what a thing is; return why not."""
        book = await self.book()
        there = book.entry(kind, key)
        if there is None:
            return [OVERTAKEN]
        after = book.without(there)
        return await self._apply(book, Overlay(kind, key, None), None, after, read=read, by=by)

    async def _apply(
        self, book: StaffBook, change: Overlay, wanted: StaffEntry | None, after: StaffBook, *, read: str, by: AgentId
    ) -> list[Fault]:
        kind, key, at = change.kind, change.key, self.clock()
        there, day = book.entry(kind, key), paris_date(at)
        if book.version(kind, key) != read:
            return [OVERTAKEN]
        faults = faults_of(
            change,
            book.now,
            after.now,
            departments=self.town.departments,
            procedures=self.town.procedures,
            day=day,
            mailboxes=self.town.mailboxes,
        )
        if faults:
            return faults
        act = Act.STAFF_GIVEN_BACK if wanted is None else Act.STAFF_CHANGED
        changed = differences(thing(book.now, kind, key), thing(after.now, kind, key))
        await self.audit.record(AuditEntry(at=at, agent=by, act=act, thing=kind.value, things=(key,), changed=changed))
        if not await self._write(there, wanted):
            return [OVERTAKEN]
        now = await self.book()
        if lasting_administrators(book.now, day) and not lasting_administrators(now.now, day):
            await self._write(wanted, there)  # two at once took away the last one each
            return [Fault((), Wrong.LAST_ADMINISTRATOR)]
        await self._let_it_count(change, day, at)
        return []

    async def _write(self, there: StaffEntry | None, wanted: StaffEntry | None) -> bool:
        if wanted is not None:
            return await self.entries.put(wanted, over=there)
        return there is None or await self.entries.remove(there)

    async def _town_now(self) -> Town:
        return replace(self.town, staff=(await self.book()).now)

    async def _let_it_count(self, change: Overlay, day: date, at: datetime) -> None:
        await record_rights_as_they_change(self.rights, self._town_now, at)
        if change.kind is StaffKind.AGENT:
            agent = (await self.book()).now.by_id.get(AgentId(change.key))
            if agent is None or not agent.works_on(day):
                await self.sessions.end_all(AgentId(change.key))
