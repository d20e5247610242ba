"""Opens what messages say, in bulk."""

from collections.abc import Iterable

from guichet.ids import MessageId
from guichet.search.places import TownPlaces
from guichet.search_files.rows import IndexedMessage
from guichet.store.messages.document import INBOUND_CONTENT, OUTBOUND_CONTENT, Direction, MessageDocument
from guichet.store.messages.store import MessageStore
from guichet.vault.fields import SealedValue, open_each
from guichet.vault.ports import KeyOpener
from search_indexer.domain.indexed import Words, indexed_message, is_searched


async def open_words(
    message_ids: Iterable[MessageId], messages: MessageStore, opener: KeyOpener, places: TownPlaces
) -> dict[MessageId, IndexedMessage]:
    """Return by which words messages are found, without what is erased or never searched. Raises TransientError."""
    found = {each.message_id: each for each in (await messages.find_many(message_ids)).values() if is_searched(each)}
    opened = await open_each(opener, {name: _words(message) for name, message in found.items()})
    readable = {*opened.values, *opened.tampered}
    return {name: indexed_message(found[name], opened.values.get(name), places) for name in found if name in readable}


def _words(message: MessageDocument) -> SealedValue[Words]:
    content = INBOUND_CONTENT if message.direction is Direction.INBOUND else OUTBOUND_CONTENT
    return content.on(message.message_id, message.content)
