"""What was sealed of a message beside what is stored of it. Pure."""

from collections.abc import Iterable, Mapping
from typing import Final

from guichet.contracts.inbound import MessageReceived
from guichet.errors import PermanentError
from guichet.ids import MessageId
from guichet.store.messages.document import Copy, MessageDocument

COPIES_AT_MOST: Final = 50  # of a message: a source hands one over again where our answer did not reach it


def copies_of(
    events: Iterable[MessageReceived], stored: Mapping[MessageId, MessageDocument]
) -> dict[MessageId, list[Copy]]:
    """Return further deliveries that no document names yet: each has a key of its own, and files under it.

    Noted, they go with the message whenever it is erased, also long after its topic was trimmed. stored: the messages
    as they lie in the store; erased ones are left out. Raises PermanentError for one delivery too many: not noted, it
    would outlive its message, so it stays whole in a dead letter.
    """
    copies: dict[MessageId, list[Copy]] = {}
    for event in events:
        message = stored.get(event.message_id)
        if message is None or event.content.key_id == message.content.key_id:
            continue
        copy = Copy(key_id=event.content.key_id, files=tuple(each.attachment_id for each in event.attachments))
        if copy not in (*message.copies, *copies.get(event.message_id, ())):
            copies.setdefault(event.message_id, []).append(copy)
            _require_room(len(message.copies) + len(copies[event.message_id]))
    return copies


def _require_room(count: int) -> None:
    if count > COPIES_AT_MOST:
        raise PermanentError(f"the message came {count + 1} times, each under another key", reason="too-many-copies")
