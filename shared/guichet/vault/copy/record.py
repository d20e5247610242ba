"""What who keeps the vault's second copy writes in the vault about it (guichet.vault.keys.second_copy)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bson.timestamp import Timestamp
from pymongo import ReturnDocument

from guichet.errors import TransientError
from guichet.mongo.bulk import insert_new
from guichet.mongo.client import Database, translate_errors
from guichet.vault.keys.second_copy import COLLECTION, THE_COPY

HELD_FOR: Final = timedelta(seconds=30)  # a beat comes every few seconds
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


class CopyTakenError(TransientError):
    """Another folder holds the copy, and this one is not to be it."""


@dataclass(frozen=True)
class Beat:
    """What the vault answered. moment: the server's time of it. prune: the rotation that waits for a new copy."""

    moment: Timestamp
    prune: int | None


class CopyRecord:
    """The document about the copy. Every method raises TransientError while MongoDB is away."""

    def __init__(self, database: Database) -> None:
        self._copies = database[COLLECTION]

    @translate_errors
    async def expect(self) -> None:
        """Have nobody use a key that the copy does not hold, from now on."""
        await insert_new(self._copies, [{"_id": THE_COPY}])
        await self._copies.update_one({"_id": THE_COPY, "off": True}, {"$unset": {"off": ""}})

    @translate_errors
    async def give_up(self) -> bool:
        """Have nobody wait for a copy any more; return whether one was kept."""
        done = await self._copies.update_one({"_id": THE_COPY, "off": {"$ne": True}}, {"$set": {"off": True}})
        return done.modified_count > 0

    @translate_errors
    async def begin_anew(self) -> bool:
        """Let the next folder that comes be the copy, also an empty one; return whether a copy is expected at all."""
        done = await self._copies.update_one({"_id": THE_COPY, "off": {"$ne": True}}, {"$set": {"anew": True}})
        return done.matched_count > 0

    @translate_errors
    async def restored(self, holder: str | None) -> None:
        """Have the copy compared with a vault that was put back: it does not go on in a past that is over.

        holder: which folder is to hold it; None: the next that comes.
        """
        known = {} if holder is None else {"holder": holder}
        unset = _OF_THE_LOST_ONE if holder is None else _OF_THE_LOST_ONE - {"holder"}
        change = {"$set": {"restored": True, **known}, "$unset": dict.fromkeys(unset, "")}
        await self._copies.update_one({"_id": THE_COPY}, change)

    @translate_errors
    async def state(self) -> dict[str, Any] | None:
        """Return the document, with `alive`: whether the copy takes what is new; None where no copy is kept."""
        named = dict.fromkeys(("holder", "until", "prune", "pruned"), 1)
        fields = {**named, "alive": {"$gt": ["$alive_until", "$$NOW"]}}
        return await self._copies.find_one({"_id": THE_COPY, "off": {"$ne": True}}, fields)

    @translate_errors
    async def take(self, holder: str) -> bool:
        """Be who keeps the copy, in this folder; return whether this vault knew that it is, and what it holds.

        Raises CopyTakenError: another folder that kept it may not be given up silently, whose disk may just not
        be mounted.
        """
        mine = [{"holder": holder}, {"holder": {"$exists": False}}, {"anew": True, **_FREE}]
        found = await self._copies.find_one_and_update(
            {"_id": THE_COPY, "$or": mine},
            [{"$set": {"holder": holder, "held_until": _from_now()}}, {"$unset": "anew"}],
        )
        if found is None:
            raise CopyTakenError("another folder holds the vault's second copy")
        return bool(found.get("holder") == holder) and not found.get("restored")

    @translate_errors
    async def beat(self, holder: str, until: Timestamp | None, *, alive: bool) -> Beat:
        """Say that the copy is kept, and what it holds. Raises CopyTakenError.

        until: None leaves what was said. alive: it takes what is new.
        """
        says: dict[str, Any] = {} if until is None else {"until": until}
        heard = {"held_until": _from_now(), "alive_until": _from_now() if alive else _LONG_AGO, **says}
        count = {"beat": {"$add": [{"$ifNull": ["$beat", 0]}, 1]}}  # so that it changes something, and is an event
        async with await self._copies.database.client.start_session() as session:
            found = await self._copies.find_one_and_update(
                {"_id": THE_COPY, "holder": holder, "off": {"$ne": True}},
                [{"$set": {**heard, **count}}, *([{"$unset": "restored"}] if alive else ())],
                return_document=ReturnDocument.AFTER,
                session=session,
            )
            moment = session.operation_time
        if found is None:
            raise CopyTakenError("another folder took the vault's second copy over")
        wanted, pruned = int(found.get("prune", 0)), int(found.get("pruned", 0))
        return Beat(moment, wanted if wanted > pruned else None)

    @translate_errors
    async def pruned(self, holder: str, generation: int) -> None:
        """Say that nothing of before this rotation is on the copy's disk any more."""
        await self._copies.update_one({"_id": THE_COPY, "holder": holder}, {"$max": {"pruned": generation}})

    @translate_errors
    async def leave(self, holder: str) -> None:
        """Say that the copy takes nothing new for now."""
        left = {"held_until": _LONG_AGO, "alive_until": _LONG_AGO}
        await self._copies.update_one({"_id": THE_COPY, "holder": holder}, {"$set": left})


_OF_THE_LOST_ONE: Final = frozenset({"holder", "held_until", "until", "alive_until", "prune", "pruned"})
_FREE: Final[dict[str, Any]] = {"$expr": {"$lte": [{"$ifNull": ["$held_until", _LONG_AGO]}, "$$NOW"]}}


def _from_now() -> dict[str, Any]:
    return {"$add": ["$$NOW", int(HELD_FOR.total_seconds() * 1000)]}
