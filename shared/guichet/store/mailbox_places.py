"""How far each of the town's mailboxes has been read, and which process of ingest-email reads it.

    {_id: account, validity, uid, floor, newest, token}      beside them a lease for each account (guichet.mongo.lease)

A mailbox counts its mails up (UID) for as long as its count is valid (UIDVALIDITY, RFC 9051 2.3.1.1). Once it begins a
new count, mails are known again by their ids alone, which is why `newest` is kept (docs/decisions/0042).
"""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from guichet.contracts.inbound import MessageReceived
from guichet.contracts.topics import INBOUND_EMAIL, Topic
from guichet.errors import SettingsError, TransientError
from guichet.mongo.client import Database, translate_errors
from guichet.mongo.lease import Held, LeaseWords, leased
from guichet.privacy.data_map.entry import PUBLIC_TASK, DataMapEntry, Erasure
from guichet.privacy.data_map.retention import ForGood, Phrase

COLLECTION = "mailbox_places"
INDEXES: dict[str, list[IndexModel]] = {COLLECTION: []}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="take each mail of the town's mailboxes in, once, however long we were away",
        legal_basis=PUBLIC_TASK,
        whose="nobody: the town's own mailboxes, counts and dates; what signs the town in, sealed",
        retention=(
            ForGood(
                why=Phrase(
                    "it is nobody's, and one a mailbox",
                    "rien n’y est à personne, et il y en a un par boîte",
                )
            ),
        ),
        on_erasure=Erasure.NOT_CONCERNED,
    ),
)
_WORDS: Final = LeaseWords(
    taken="another process reads this mailbox ({lasts} s at most after its last sign of life)",
    lost="another process reads this mailbox now",
)


@dataclass(frozen=True)
class Place:
    """How far a mailbox has been read.

    validity: of the count that `uid` belongs to. uid: every mail up to it is safe, or is none of ours. floor: nothing
    that the mailbox took before is taken in (aware). newest: the newest date of the mailbox's own among the mails that
    are safe (aware); None where there is none.
    """

    validity: int
    uid: int
    floor: datetime
    newest: datetime | None = None


class MailboxPlaces(Protocol):
    """Every method raises TransientError while the store is away."""

    def leading(self, account: str) -> AbstractAsyncContextManager[Held]:
        """Be the one process that reads a mailbox. Raises TakenError where another is."""

    async def find(self, account: str) -> Place | None:
        """Return how far it has been read; None where nobody has looked yet."""

    async def begin(self, account: str, place: Place, instead_of: Place | None) -> None:
        """Note where a new count begins. instead_of: what `find` returned.

        Raises TransientError where another process was first.
        """

    async def advance(self, account: str, place: Place) -> None:
        """Note how far its count has been read. It is never taken back, and nothing is noted once another counts."""

    async def token(self, account: str) -> bytes | None:
        """Return what signs the town in, sealed, where a provider gave a new one; None where it has not."""

    async def keep_token(self, account: str, sealed: bytes) -> None:
        """Keep what the provider gave, sealed: what came before may be worth nothing any more."""


class PlacesNotLent(MailboxPlaces):
    """What a host has whose user has no right on this: to ask it anything ends in a sentence. Raises SettingsError."""

    def leading(self, account: str) -> AbstractAsyncContextManager[Held]:
        raise _not_lent(account)

    async def find(self, account: str) -> Place | None:
        raise _not_lent(account)

    async def begin(self, account: str, place: Place, instead_of: Place | None) -> None:  # noqa: ARG002
        raise _not_lent(account)

    async def advance(self, account: str, place: Place) -> None:  # noqa: ARG002
        raise _not_lent(account)

    async def token(self, account: str) -> bytes | None:
        raise _not_lent(account)

    async def keep_token(self, account: str, sealed: bytes) -> None:  # noqa: ARG002
        raise _not_lent(account)


def _not_lent(account: str) -> SettingsError:
    return SettingsError(
        f"{account}: how far a mailbox has been read is kept for the host of {INBOUND_EMAIL.name} alone"
        " (mailbox_places)."
    )


def places_lent_for(topic: Topic[MessageReceived], database: Database) -> MailboxPlaces:
    """Return what a topic's host is lent: what its user has a right on in the store (deploy/mongodb/roles.json)."""
    return MongoMailboxPlaces(database) if topic == INBOUND_EMAIL else PlacesNotLent()


class MongoMailboxPlaces(MailboxPlaces):
    """The real one."""

    def __init__(self, database: Database) -> None:
        self._places = database[COLLECTION]

    def leading(self, account: str) -> AbstractAsyncContextManager[Held]:
        return leased(self._places, _WORDS, name=account)

    @translate_errors
    async def find(self, account: str) -> Place | None:
        found = await self._places.find_one({"_id": account})
        return None if found is None or "validity" not in found else _place(found)

    @translate_errors
    async def begin(self, account: str, place: Place, instead_of: Place | None) -> None:
        before = {"$exists": False} if instead_of is None else instead_of.validity
        begun = {"validity": place.validity, "uid": place.uid, "floor": place.floor, "newest": place.newest}
        query = {"_id": account, "validity": before}
        try:
            done = await self._places.update_one(query, {"$set": begun}, upsert=instead_of is None)
        except DuplicateKeyError as exc:
            raise TransientError(_WORDS.lost) from exc
        if not done.matched_count and done.upserted_id is None:
            raise TransientError(_WORDS.lost)

    @translate_errors
    async def advance(self, account: str, place: Place) -> None:
        newest = {} if place.newest is None else {"newest": place.newest}
        query = {"_id": account, "validity": place.validity}
        await self._places.update_one(query, {"$max": {"uid": place.uid, **newest}})

    @translate_errors
    async def token(self, account: str) -> bytes | None:
        found = await self._places.find_one({"_id": account}, {"token": 1})
        return None if found is None else found.get("token")

    @translate_errors
    async def keep_token(self, account: str, sealed: bytes) -> None:
        await self._places.update_one({"_id": account}, {"$set": {"token": sealed}}, upsert=True)


def _place(document: dict[str, Any]) -> Place:
    return Place(document["validity"], document["uid"], document["floor"], document["newest"])
