"""What the vault says of its second copy: to those who make keys, and to who rotates them (docs/decisions/0052).

    {_id: "copy", holder, held_until, until, alive_until, beat, prune, pruned, asked, off, anew, restored}

holder        the folder that the copy lies in; held_until: it keeps the copy until then, by the server's clock
until         whatever happened in the vault until then (the server's own time) lies durably in the copy
alive_until   the copy takes what is new: until then, by the server's clock
prune, pruned the root key of the rotation that asks for a copy without what old ones hold, and of the last that has it
asked         how often somebody wanted to know how far the copy is
off           nobody keeps a copy any more         anew: an operator says that an empty folder is to be the copy
restored      the vault was put back, and the copy has not been compared with it yet

Without the document the vault has no second copy, and nobody waits. gdpr-worker alone writes it, beside the commands
that prepare a vault, rotate its keys and put it back.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Final

from bson.timestamp import Timestamp
from pymongo import IndexModel

from guichet.errors import TransientError
from guichet.mongo.client import Database, translate_errors
from guichet.privacy.data_map.entry import SECURITY, DataMapEntry, Erasure
from guichet.privacy.data_map.retention import ForGood, Phrase

COLLECTION: Final = "copies"
THE_COPY: Final = "copy"
INDEXES: dict[str, list[IndexModel]] = {COLLECTION: []}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="vault-collection",
        name=COLLECTION,
        purpose="say how far the vault's second copy holds it",
        legal_basis=SECURITY,
        whose="nobody: times and numbers",
        retention=(
            ForGood(
                what=Phrase("one document, written over", "un seul document, réécrit sur place"),
                why=Phrase("it is nobody's", "il n’est à personne"),
            ),
        ),
        on_erasure=Erasure.NOT_CONCERNED,
    ),
)

PATIENCE: Final = timedelta(seconds=5)  # a copy that is there takes some hundredths of a second
PATIENCE_FOR_A_NEW_ONE: Final = timedelta(minutes=30)  # a vault of ten million keys takes about five
_FIRST_LOOK: Final = timedelta(milliseconds=10)
_LOOKS_AT_LEAST_EVERY: Final = timedelta(milliseconds=100)
_LOOK_FOR_A_PRUNED_COPY_EVERY: Final = timedelta(milliseconds=500)

_KEPT: Final[dict[str, Any]] = {"_id": THE_COPY, "off": {"$ne": True}}
_STATE: Final[dict[str, Any]] = {"until": 1, "pruned": 1, "alive": {"$gt": ["$alive_until", "$$NOW"]}}
_AWAY: Final = (
    "the vault's second copy (GUICHET_VAULT_COPY) does not take new keys: docs/operations.md, alarm `vault-copy`"
)

Keep = Callable[[], Awaitable[None]]
Write = Callable[[Any], Awaitable[Any]]
"""Writes to the vault with a session; None: with none."""


class SecondCopy:
    """The copy as those see it who wait for it. Every method raises TransientError while it, or MongoDB, is away."""

    def __init__(self, database: Database) -> None:
        self._copies = database[COLLECTION]

    async def durable_if_kept(self, write: Write) -> None:
        """As `durable`, but write also while the copy takes nothing new.

        For commands, which work while services are stopped, who keeps the copy among them: it has what they wrote
        before it takes what is new again. Raises TransientError.
        """
        state = await self._state()
        if state is not None and state["alive"]:
            await self.durable(write)
        else:
            await write(None)

    @translate_errors
    async def _state(self) -> dict[str, Any] | None:
        return await self._copies.find_one(_KEPT, _STATE)

    @translate_errors
    async def durable(self, write: Write) -> None:
        """Write, and return once the copy holds durably what was written, or at once where the vault has no copy.

        Nothing is written while there is a copy that takes nothing new: keys that nobody is given would stay for good.
        write: with the session that it is given.
        """
        if not await self.is_kept():
            await write(None)
            return
        async with await self._copies.database.client.start_session() as session:
            await write(session)
            moment = session.operation_time
        await self._until(lambda found: _holds(found, moment))

    @translate_errors
    async def copied(self, write: Write) -> None:
        """Write, also while the copy takes nothing new, and return once it holds what was written.

        For what is destroyed: it is, whatever the copy does, and nobody goes on who could see it come back with that.
        """
        async with await self._copies.database.client.start_session() as session:
            await write(session)
            moment = session.operation_time
        await self._until(lambda found: _holds(found, moment))

    async def ask(self, session: Any) -> None:
        """Have something happen in the vault, where a write changed nothing: else the copy would not hear of it."""
        await self._copies.update_one(_KEPT, {"$inc": {"asked": 1}}, session=session)

    @translate_errors
    async def is_kept(self) -> bool:
        """Return whether this vault has a second copy that takes what is new; one that comes back is waited for."""
        return await self._until(lambda found: bool(found["alive"]))

    async def _until(self, is_so: Callable[[dict[str, Any]], bool]) -> bool:
        """Return True once it is so, False where nobody keeps a copy. Raises TransientError after PATIENCE."""
        loop = asyncio.get_running_loop()
        patient_until, pause = loop.time() + PATIENCE.total_seconds(), _FIRST_LOOK.total_seconds()
        while (found := await self._copies.find_one(_KEPT, _STATE)) is not None and not is_so(found):
            if loop.time() > patient_until:
                raise TransientError(_AWAY)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LOOKS_AT_LEAST_EVERY.total_seconds())
        return found is not None

    @translate_errors
    async def prune(self, generation: int, keep: Keep) -> None:
        """Have the copy made anew, and return once what it replaces is gone from its disk.

        generation: of the rotation's root key. keep: called while the copy is made.
        """
        if not await self.is_kept():
            return
        await self._copies.update_one(_KEPT, {"$max": {"prune": generation}})
        loop = asyncio.get_running_loop()
        patient_until = loop.time() + PATIENCE_FOR_A_NEW_ONE.total_seconds()
        while await self.is_kept() and not await self._is_pruned(generation):
            if loop.time() > patient_until:
                raise TransientError("no new second copy of the vault was made: its disk may have no room for two")
            await keep()
            await asyncio.sleep(_LOOK_FOR_A_PRUNED_COPY_EVERY.total_seconds())

    async def _is_pruned(self, generation: int) -> bool:
        found = await self._copies.find_one(_KEPT, _STATE)
        return found is None or int(found.get("pruned", 0)) >= generation


def _holds(found: dict[str, Any], moment: Timestamp) -> bool:
    until = found.get("until")
    return isinstance(until, Timestamp) and until >= moment
