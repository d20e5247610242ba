"""Opens what messages say, in bulk."""

import asyncio
from collections.abc import Iterable, Mapping

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
    readable = {name: opened.values.get(name) for name in found if name in opened.values or name in opened.tampered}
    return await asyncio.to_thread(_indexed, found, readable, places)  # long texts are long read


def _indexed(
    found: Mapping[MessageId, MessageDocument], words: Mapping[MessageId, Words | None], places: TownPlaces
) -> dict[MessageId, IndexedMessage]:
    return {name: indexed_message(found[name], said, places) for name, said in words.items()}


def _words(message: MessageDocument) -> SealedValue[Words]:
    content = INBOUND_CONTENT if message.direction is Direction.INBOUND else OUTBOUND_CONTENT
    return content.on(message.message_id, message.content)
