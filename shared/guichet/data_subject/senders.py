"""Which messages somebody sent, where no document says so: their senders are sealed, so they are opened in memory."""

from collections.abc import Collection, Sequence
from typing import Final

import structlog
from pydantic import ValidationError

from guichet.batches import batched
from guichet.contracts.authorship import written_by
from guichet.contracts.base import Sealed
from guichet.contracts.inbound import Automatic
from guichet.errors import UnopenableError
from guichet.ids import IdentifierId, KeyId, MessageId
from guichet.privacy.normal_form import comparable
from guichet.privacy.pseudonyms import identifier_id
from guichet.store.documents import Document, DocumentFinder
from guichet.store.messages.document import INBOUND_CONTENT, Direction
from guichet.vault.ports import KeyOpener
from guichet.vault.sealing import DataKey

MESSAGES, CASES = "messages", "cases"
_FIELDS = ("direction", "automatic", "content")
_AT_ONCE: Final = 500  # messages with their words: thousands may be suspended


class Senders:
    """Tells senders by the registry's pseudonym. Every method raises TransientError."""

    def __init__(self, *, documents: DocumentFinder, vault: KeyOpener, registry_key: bytes) -> None:
        self._documents = documents
        self._vault = vault
        self._registry_key = registry_key

    async def unfiled_of(self, addresses: Collection[IdentifierId]) -> frozenset[MessageId]:
        """Return messages that no case has (suspended, or stopped by a dead letter), sent from one of these addresses.

        Also those whose key is gone: they are erased already, and their document is all that is left of them.
        """
        waiting = await self._documents.find(MESSAGES, "filed", [None], ("direction",))
        inbound = [each["_id"] for each in waiting if each.get("direction") == Direction.INBOUND]
        theirs: set[MessageId] = set()
        for some in batched(inbound, _AT_ONCE):
            found = await self._documents.find(MESSAGES, "_id", some, _FIELDS)
            theirs |= await self._sent_from([each for each in found if "content" in each], {*addresses, None})
        return frozenset(theirs)

    async def still_unfiled(self, messages: Collection[MessageId]) -> frozenset[MessageId]:
        """Return those of the messages that no case has yet: published again, one is filed for a newcomer."""
        found = await self._documents.find(MESSAGES, "_id", messages, ("direction", "filed"))
        inbound = (each for each in found if each.get("direction") == Direction.INBOUND)  # no tombstones
        return frozenset(each["_id"] for each in inbound if each.get("filed") is None)

    async def opened_by(self, cases: Collection[str], addresses: Collection[IdentifierId]) -> frozenset[str]:
        """Return those of the cases whose opening message came from one of these addresses, or that are under erasure.

        Once keys are destroyed no sender can be told: by then the case bears its mark.
        """
        found = await self._documents.find(CASES, "_id", cases, ("opened_by", "erasing"))
        openers = {each["opened_by"]: each["_id"] for each in found if "opened_by" in each}
        messages = await self._documents.find(MESSAGES, "_id", openers, _FIELDS)
        sent = await self._sent_from([each for each in messages if "content" in each], {*addresses})
        marked = {each["_id"] for each in found if each.get("erasing")}
        return frozenset(marked | {openers[message] for message in sent})

    async def _sent_from(
        self, messages: Sequence[Document], addresses: Collection[IdentifierId | None]
    ) -> frozenset[MessageId]:
        keys = await self._vault.open_keys({_key_of(each) for each in messages}) if messages else {}
        return frozenset(each["_id"] for each in messages if self._sender(each, keys.get(_key_of(each))) in addresses)

    def _sender(self, message: Document, key: DataKey | None) -> IdentifierId | str | None:
        """Return the sender's address; None when the message cannot be opened, blank when no address can be told."""
        if key is None:
            return None
        sealed = Sealed.model_validate(message["content"])
        automatic = message.get("automatic")
        author = author_of(message["_id"], sealed, key, self._registry_key, automatic=automatic)
        return author or ""


def _key_of(message: Document) -> KeyId:
    key_id: KeyId = message["content"]["key_id"]
    return key_id


log = structlog.get_logger()


def author_of(
    message: MessageId,
    sealed: Sealed,
    key: DataKey,
    registry_key: bytes,
    *,
    automatic: str | None,
) -> IdentifierId | None:
    """Return the address that wrote a message; None where the channel gave none, or where the seal does not hold."""
    try:
        content = INBOUND_CONTENT.open(key, message, sealed)
    except UnopenableError as exc:  # whose it is cannot be told; the erasure of others must not stop at it
        log.error("message cannot be judged", message_id=message, why=str(exc))
        return None
    except ValidationError:  # nor at what a third party's host sealed there that is no content
        log.error("message holds no content", message_id=message)
        return None
    author = written_by(content, Automatic(automatic) if automatic else None)
    return identifier_id(registry_key, author.kind, comparable(author)) if author else None
