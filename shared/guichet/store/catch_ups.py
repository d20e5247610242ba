"""How far an adapter has caught up with its provider's own list, and which of its processes does so.

    {_id: what is listed, until}     up to when everything listed is safe; beside them a lease for each provider
                                     (guichet.mongo.lease)

Two views show an adapter what it needs to tell what is missing, and nothing else of the collections behind them: which
messages are there, and how far what was sent has got (docs/decisions/0031).
"""

from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from pymongo import IndexModel

from guichet.contracts.delivery import DeliveryState
from guichet.contracts.inbound import MessageReceived
from guichet.contracts.topics import INBOUND_SMS, Topic
from guichet.errors import SettingsError
from guichet.ids import MessageId
from guichet.mongo.client import Database, translate_errors
from guichet.mongo.lease import Held, LeaseWords, leased
from guichet.mongo.views import View
from guichet.privacy.data_map.entry import PUBLIC_TASK, DataMapEntry, Erasure
from guichet.privacy.data_map.retention import ForGood, Phrase
from guichet.store.deliveries import store as deliveries
from guichet.store.deliveries.document import lower_than
from guichet.store.messages import store as messages

COLLECTION = "catch_ups"
INDEXES: dict[str, list[IndexModel]] = {COLLECTION: []}
TAKEN_IN: Final = View("messages_taken_in", messages.COLLECTION, ())
SENT: Final = View("messages_sent", deliveries.COLLECTION, ("provider_id", "state"))
VIEWS: tuple[View, ...] = (TAKEN_IN, SENT)
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="take in, once, what a provider's webhook left behind, however long we were away",
        legal_basis=PUBLIC_TASK,
        whose="nobody: the town's own numbers, and dates",
        retention=(
            ForGood(
                why=Phrase("it is nobody's, and one a number", "rien n’y est à personne, et il y en a un par numéro")
            ),
        ),
        on_erasure=Erasure.NOT_CONCERNED,
    ),
)
_WORDS: Final = LeaseWords(
    taken="another process catches up ({lasts} s at most after its last sign of life)",
    lost="another process took the catching up over",
)


@dataclass(frozen=True)
class SentMessage:
    """A message that the town sent, as far as an adapter may know it."""

    outbound_id: MessageId
    state: DeliveryState

    def may_become(self, state: DeliveryState) -> bool:
        """Return whether a report of this state would tell anything new."""
        return self.state in lower_than(state)


class CatchUps(Protocol):
    """Every method raises TransientError while the store is away."""

    def leading(self, provider: str) -> AbstractAsyncContextManager[Held]:
        """Be the one process that catches up with a provider. Raises TakenError where another is."""

    async def until(self, listing: str) -> datetime | None:
        """Return up to when everything of a listing is safe; None where nobody has looked yet."""

    async def advance(self, listing: str, until: datetime) -> None:
        """Note that everything up to `until` is safe. It is never taken back."""

    async def taken_in(self, message_ids: Iterable[MessageId]) -> set[MessageId]:
        """Return which of these messages are there, or were and have been erased."""

    async def sent(self, provider_ids: Iterable[str]) -> dict[str, SentMessage]:
        """Return what the town sent under these ids of the provider's."""


class NotLent(CatchUps):
    """What a host has whose user has no right on this: to ask it anything ends in a sentence. Raises SettingsError.

    A right in MongoDB is one on a whole collection: whose code is not part of Guichet could move the place of any other
    provider, so that its messages are never looked for, and ask which messages are there.
    """

    def leading(self, provider: str) -> AbstractAsyncContextManager[Held]:
        raise _not_lent(provider)

    async def until(self, listing: str) -> datetime | None:
        raise _not_lent(listing)

    async def advance(self, listing: str, until: datetime) -> None:  # noqa: ARG002
        raise _not_lent(listing)

    async def taken_in(self, message_ids: Iterable[MessageId]) -> set[MessageId]:  # noqa: ARG002
        raise _not_lent("messages_taken_in")

    async def sent(self, provider_ids: Iterable[str]) -> dict[str, SentMessage]:  # noqa: ARG002
        raise _not_lent("messages_sent")


def _not_lent(what: str) -> SettingsError:
    return SettingsError(
        f"{what}: how far a list has been read is kept for the host of {INBOUND_SMS.name} alone (catch_ups). List what"
        " the last days brought and hand it over again: the same message, by its id, is taken in once. Or have the"
        " provider keep the place, by acknowledging there what `accept` returned for."
    )


def lent_for(topic: Topic[MessageReceived], database: Database) -> CatchUps:
    """Return what a topic's host is lent: what its user has a right on in the store (deploy/mongodb/roles.json)."""
    return MongoCatchUps(database) if topic == INBOUND_SMS else NotLent()


class MongoCatchUps(CatchUps):
    """The real one."""

    def __init__(self, database: Database) -> None:
        self._catch_ups = database[COLLECTION]
        self._taken_in = TAKEN_IN.of(database)
        self._sent = SENT.of(database)

    def leading(self, provider: str) -> AbstractAsyncContextManager[Held]:
        return leased(self._catch_ups, _WORDS, name=provider)

    @translate_errors
    async def until(self, listing: str) -> datetime | None:
        found = await self._catch_ups.find_one({"_id": listing})
        return None if found is None else found["until"]

    @translate_errors
    async def advance(self, listing: str, until: datetime) -> None:
        await self._catch_ups.update_one({"_id": listing}, {"$max": {"until": until}}, upsert=True)

    @translate_errors
    async def taken_in(self, message_ids: Iterable[MessageId]) -> set[MessageId]:
        found = self._taken_in.find({"_id": {"$in": [*message_ids]}})
        return {document["_id"] async for document in found}

    @translate_errors
    async def sent(self, provider_ids: Iterable[str]) -> dict[str, SentMessage]:
        found = self._sent.find({"provider_id": {"$in": [*provider_ids]}})
        return {document["provider_id"]: _sent(document) async for document in found}


def _sent(document: dict[str, Any]) -> SentMessage:
    return SentMessage(MessageId(document["_id"]), DeliveryState(document["state"]))
