"""Who wrote a sealed message, by the registry's pseudonym of their address. Pure."""

import structlog

from guichet.contracts.authorship import written_by
from guichet.contracts.base import Sealed
from guichet.contracts.inbound import Automatic, Channel
from guichet.errors import UnopenableError
from guichet.ids import IdentifierId, MessageId
from guichet.privacy.normal_form import comparable
from guichet.privacy.pseudonyms import identifier_id
from guichet.store.messages.document import INBOUND_CONTENT
from guichet.vault.sealing import DataKey

log = structlog.get_logger()


def author_of(
    message: MessageId, sealed: Sealed, key: DataKey, registry_key: bytes, *, channel: Channel, automatic: str | None
) -> IdentifierId | None:
    """Return the address that wrote a message; None where the channel gave none, or where the seal does not hold."""
    try:
        content = INBOUND_CONTENT.open(key, message, sealed)
    except UnopenableError as exc:  # whose it is cannot be told; the erasure of others must not stop at it
        log.error("message cannot be judged", message_id=message, why=str(exc))
        return None
    author = written_by(content, channel, Automatic(automatic) if automatic else None)
    return identifier_id(registry_key, author.kind, comparable(author)) if author else None
