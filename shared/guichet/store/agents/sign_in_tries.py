"""How full each limit on sign-in is, the same for every process of the desk. One date a key, and nothing legible.

The generic cell rate algorithm (ITU-T I.371, annex A): each try fills a bucket that drains steadily, and a try that
finds it full is not counted. All that must be kept is when the bucket will be empty; from then on nothing is.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from pymongo import IndexModel, ReturnDocument
from pymongo.errors import DuplicateKeyError

from guichet.mongo.client import Database, translate_errors
from guichet.mongo.ended import Ends
from guichet.privacy.data_map.entry import SECURITY, DataMapEntry, Erasure, Form, PersonalField
from guichet.privacy.data_map.retention import Expires, Phrase, days

COLLECTION = "sign_in_tries"
LONGEST = timedelta(days=1)
CLOCKS_DIFFER = timedelta(hours=1)
"""By how much more the clocks of two desks never differ: where they do, no second factor's code is right."""
ENDS = Ends(COLLECTION, "empty_at")
INDEXES: dict[str, list[IndexModel]] = {COLLECTION: [ENDS.ttl_index()]}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="slow down who guesses passwords and codes, and take what the identity provider says once",
        legal_basis=SECURITY,
        whose="agents, and whoever tries to sign in",
        retention=(
            Expires(
                date_field=ENDS.field,
                since=Phrase("the limit is empty", "la fin du délai"),
                at_most=days(LONGEST.days),
            ),
        ),
        on_erasure=Erasure.NOT_CONCERNED,
        fields=(
            PersonalField(
                "_id",
                Form.PSEUDONYM,
                "HMAC of a sign-in name, a second factor's key id, an address, a browser's token, or two; or of what"
                " the identity provider said that counts once",
            ),
        ),
    ),
)


@dataclass(frozen=True)
class Limit:
    """So many tries at once; then as many again, spread over the window, which is as LONGEST at most."""

    tries: int
    window: timedelta

    def __post_init__(self) -> None:
        """Refuse what would rest for longer than the data map says. Raises ValueError."""
        if self.window > LONGEST:
            raise ValueError(f"a limit's tries rest for {self.window}: the data map says {LONGEST} at most")

    @property
    def regained_every(self) -> timedelta:
        """How long it takes until one more may be made."""
        return self.window / self.tries

    def pause(self, empty_at: datetime | None, now: datetime) -> timedelta | None:
        """Return how long to wait for a try, or None when there is room. Pure. empty_at: None for never tried."""
        full_for = self._empty_at(empty_at, now) + self.regained_every - now - self.window
        return full_for if full_for > timedelta(0) else None

    def filled(self, empty_at: datetime | None, now: datetime) -> datetime:
        """Return when the bucket will be empty after one more try, which counts where there is room. Pure."""
        counted = timedelta(0) if self.pause(empty_at, now) else self.regained_every
        return self._empty_at(empty_at, now) + counted

    def believed_until(self, now: datetime) -> datetime:
        """Return the latest that a bucket may be empty: what is later, a clock of a day to come has written. Pure."""
        return now + self.window + CLOCKS_DIFFER

    def _empty_at(self, empty_at: datetime | None, now: datetime) -> datetime:
        """Return when the bucket is empty, from now on.

        What a clock that is a little ahead has filled stays as full: emptied for this one, it would have room there.
        """
        if empty_at is None or empty_at > self.believed_until(now):
            return now
        return max(empty_at, now)


class SignInTries(Protocol):
    """The tries. Every method raises TransientError when the store is away."""

    async def count(self, key: str, limit: Limit, now: datetime) -> timedelta | None:
        """Count a try and return None; where there is no room, count nothing and return how long to wait.

        Tries made at once are counted one after the other, whichever process they come to.
        """

    async def take_back(self, key: str, limit: Limit) -> None:
        """Uncount a try: it was none to count."""

    async def tally(self, key: str, until: datetime) -> int:
        """Count something that has no limit, and return how many there were with it. until: when it may be forgotten.

        What happens at once gets a number each, whichever process it comes to.
        """

    async def tallied(self, key: str) -> int:
        """Return how many were counted by `tally`, and count nothing."""


class MongoSignInTries(SignInTries):
    """The tries in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._tries = database[COLLECTION]

    @translate_errors
    async def count(self, key: str, limit: Limit, now: datetime) -> timedelta | None:
        now = now.replace(microsecond=now.microsecond // 1000 * 1000)  # as MongoDB keeps it
        try:
            before = await self._fill(key, limit, now)
        except DuplicateKeyError:  # the first try of all, twice at once
            before = await self._fill(key, limit, now)
        return limit.pause(before["empty_at"] if before else None, now)

    async def _fill(self, key: str, limit: Limit, now: datetime) -> dict[str, Any] | None:
        """Add a try where there is room, as `Limit.filled`; return what was there before."""
        drained = {"$or": [{"$lte": ["$empty_at", now]}, {"$gt": ["$empty_at", limit.believed_until(now)]}]}
        base = {"$cond": [drained, now, "$empty_at"]}
        has_room = {"$lte": [base, now + limit.window - limit.regained_every]}
        filled = {"$add": [base, _milliseconds(limit.regained_every)]}
        fill = {"$set": {"empty_at": {"$cond": [has_room, filled, base]}}}
        return await self._tries.find_one_and_update({"_id": key}, [fill], upsert=True)

    @translate_errors
    async def take_back(self, key: str, limit: Limit) -> None:
        drained = {"$subtract": ["$empty_at", _milliseconds(limit.regained_every)]}
        await self._tries.update_one({"_id": key}, [{"$set": {"empty_at": drained}}])

    @translate_errors
    async def tally(self, key: str, until: datetime) -> int:
        try:
            return await self._add_one(key, until)
        except DuplicateKeyError:  # the first of all, twice at once
            return await self._add_one(key, until)

    @translate_errors
    async def tallied(self, key: str) -> int:
        document = await self._tries.find_one({"_id": key})
        return 0 if document is None else int(document["number"])

    async def _add_one(self, key: str, until: datetime) -> int:
        add = {"$inc": {"number": 1}, "$setOnInsert": {"empty_at": until}}
        document = await self._tries.find_one_and_update(
            {"_id": key}, add, upsert=True, return_document=ReturnDocument.AFTER
        )
        return int(document["number"])


def _milliseconds(duration: timedelta) -> int:
    return duration // timedelta(milliseconds=1)
