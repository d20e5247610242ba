"""The vault's second copy follows the vault: what happens there is on the copy's disk, and only then the vault says so.

 1  read a batch of what happened, in the vault's own order
 2  add it to the copy, and wait for its disk
 3  say in the vault until when the copy holds all: whoever made a key waits for that before it is used

A rotation asks for a copy without what it destroys: one is made beside, both are kept up, then the old one is removed.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog
from bson.timestamp import Timestamp

from guichet.errors import PermanentError, TransientError
from guichet.mongo.client import Database
from guichet.runtime.telemetry.alarms import Alarm, clear_alarm, raise_alarm
from guichet.runtime.telemetry.metrics import VAULT_COPIED
from guichet.vault.copy.changes import Changes, Event, changes_of
from guichet.vault.copy.draft import CopyDraft, begin_draft
from guichet.vault.copy.folder import CopyFolder, GrowingCopy
from guichet.vault.copy.moments import Moments
from guichet.vault.copy.record import Beat, CopyRecord
from guichet.vault.copy.stream import WAITS, ChangeStream
from guichet.vault.keys.second_copy import COLLECTION

log = structlog.get_logger()

BEAT_EVERY: Final = timedelta(seconds=5)
_PLACE_IS_NOTED_EVERY: Final = timedelta(minutes=5)  # so that a quiet vault's copy can go on where it stood
_WAITS_BESIDE_A_DRAFT: Final = timedelta(milliseconds=50)
_DRAFT_AGAIN_AFTER: Final = timedelta(seconds=30)
NO_ROOM: Final = "no-room"  # cause of the alarm: for a second one beside the first


class Following:
    """One process's work on one folder, until something fails. current: None where a copy must be made first.

    when_kept: called again and again while the copy takes what is new.
    """

    def __init__(
        self,
        database: Database,
        folder: CopyFolder,
        holder: str,
        current: GrowingCopy | None,
        *,
        now: Callable[[], datetime],
        when_kept: Callable[[], None],
    ) -> None:
        self._database, self._folder, self._holder, self._now = database, folder, holder, now
        self._when_kept = when_kept
        self._record = CopyRecord(database)
        self._current = current
        self._draft: CopyDraft | None = None
        self._moments = Moments()
        self._place: Changes | None = None  # where the stream goes on
        self._added: Timestamp | None = None  # until when the copy was given something
        self._said: Timestamp | None = None
        self._beat_at = self._noted_at = 0.0  # steady clock
        self._draft_not_before = 0.0
        self._prune: tuple[int | None, Timestamp] | None = None  # a new copy is wanted, of what is after this moment
        self._is_asked = False
        self._begun: Timestamp | None = None  # once the copy has caught up with this moment, it takes what is new

    async def run(self, stream: ChangeStream) -> None:
        """Follow until cancelled. Raises TransientError, PermanentError, OSError."""
        try:
            self._begun = (await self._beat()).moment
            if self._current is None:
                self._prune = (None, self._begun)
            while True:
                await self._take(await stream.next_batch(WAITS if self._draft is None else _WAITS_BESIDE_A_DRAFT))
                await self._go_on_with_draft()
                if self._owes_a_beat():
                    await self._beat()
        finally:
            if self._draft is not None:
                await self._draft.drop()
            if self._current is not None:
                self._current.close()

    async def _take(self, events: Sequence[Event]) -> None:
        """Have the copy hold what happened. Only then are its moments over."""
        if not events:
            return
        changes = Changes(events[-1]["clusterTime"], events[-1]["_id"], changes_of(events))
        if changes.documents or time.monotonic() - self._noted_at > _PLACE_IS_NOTED_EVERY.total_seconds():
            if self._current is not None:
                await _to_its_end(partial(self._current.add, changes))
            if self._draft is not None:
                async with self._without_a_draft_if_it_fails():
                    await _to_its_end(partial(self._draft.copy.add, changes))
            self._added, self._noted_at = changes.at, time.monotonic()
        self._place = Changes(changes.at, changes.token)
        for event in events:
            self._moments.saw(event["clusterTime"], alone=_is_about_the_copy(event))
            self._is_asked = self._is_asked or _asks(event)

    def _owes_a_beat(self) -> bool:
        """Each beat is an event too, which ends the moments before it: then there is more to say, or a step to take."""
        if self._is_asked or time.monotonic() - self._beat_at > BEAT_EVERY.total_seconds():
            return True
        return any(self._said is None or self._said < moment for moment in self._awaited())

    def _awaited(self) -> list[Timestamp]:
        """Return the moments that must be over before there is nothing left to say or to do."""
        asked, whole = self._prune[1] if self._prune else None, self._draft.whole_at if self._draft else None
        return [moment for moment in (self._begun, self._added, asked, whole) if moment is not None]

    async def _beat(self) -> Beat:
        over = self._moments.over
        is_kept = self._current is not None and self._begun is not None and self._moments.are_over(self._begun)
        beat = await self._record.beat(self._holder, over if is_kept else None, alive=is_kept)
        self._said, self._beat_at, self._is_asked = over, time.monotonic(), False
        if beat.prune is not None and self._prune is None and self._draft is None:
            self._prune = (beat.prune, beat.moment)
        if is_kept:
            VAULT_COPIED.set(self._now().timestamp())
            self._when_kept()
        return beat

    async def _go_on_with_draft(self) -> None:
        async with self._without_a_draft_if_it_fails():
            await self._next_step()

    @asynccontextmanager
    async def _without_a_draft_if_it_fails(self) -> AsyncIterator[None]:
        """Where there is a copy it goes on alone, and a new one is tried again later."""
        try:
            yield
        except (OSError, TransientError, PermanentError) as exc:
            if self._current is None:
                raise
            log.warning("no new copy of the vault can be made", why=str(exc))
            raise_alarm(Alarm.VAULT_COPY, NO_ROOM)
            self._draft_not_before = time.monotonic() + _DRAFT_AGAIN_AFTER.total_seconds()
            if self._draft is not None:
                await self._draft.drop()
                self._draft = None

    async def _next_step(self) -> None:
        draft = self._draft
        if draft is None:
            if self._prune is not None and self._moments.are_over(self._prune[1]) and self._may_draft():
                if self._current is not None:
                    await asyncio.to_thread(self._folder.require_room_beside, self._current.size())
                generation, self._prune = self._prune[0], None
                self._draft = await begin_draft(self._database, self._folder, generation, self._now())
        elif draft.whole_at is None and draft.dumping.done():
            draft.manifest()
            draft.whole_at = (await self._beat()).moment
        elif draft.whole_at is not None and self._moments.are_over(draft.whole_at):
            await self._finish(draft)

    def _may_draft(self) -> bool:
        return time.monotonic() >= self._draft_not_before

    async def _finish(self, draft: CopyDraft) -> None:
        if self._place is not None:
            await asyncio.to_thread(draft.copy.add, self._place)
        path = await asyncio.to_thread(self._folder.finish, draft.path, draft.manifest())
        if self._current is not None:
            self._current.close()
        self._current, self._draft = draft.copy, None
        await asyncio.to_thread(self._folder.remove_all_but, path)
        if draft.generation is not None:
            await self._record.pruned(self._holder, draft.generation)
        clear_alarm(Alarm.VAULT_COPY, NO_ROOM)
        await self._beat()
        log.info("the vault's second copy is new", folder=path.name, rotation=draft.generation)


async def _to_its_end(write: Callable[[], None]) -> None:
    """Write in a thread; who is cancelled meanwhile waits for it, so that nothing is written by whom nobody sees."""
    writing = asyncio.ensure_future(asyncio.to_thread(write))
    try:
        await asyncio.shield(writing)
    except asyncio.CancelledError:
        await asyncio.wait([writing])
        raise


def _is_about_the_copy(event: Event) -> bool:
    return bool(event.get("ns", {}).get("coll") == COLLECTION)


def _asks(event: Event) -> bool:
    """Say whether somebody waits for an answer: it is written by others than who keeps the copy."""
    changed = event.get("updateDescription", {}).get("updatedFields", {})
    return _is_about_the_copy(event) and not {"prune", "asked"}.isdisjoint(changed)
