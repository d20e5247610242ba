"""Open messages and learn who wrote them, in bulk. What cannot be opened any more counts as erased."""

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress

from case_router.domain.arrival import Arrival, Holders, Opened
from case_router.domain.keys import RouterKeys
from case_router.domain.thread_marks import read_marks
from case_router.handlers.recognise_citizens import RecogniseCitizens
from guichet.contracts.inbound import MessageReceived
from guichet.contracts.inbound_content import InboundContent
from guichet.errors import UnopenableError
from guichet.store.messages.document import Direction, MessageDocument
from guichet.vault.ports import Vault
from guichet.vault.sealing import DataKey, Thing, unseal_model


class MessageReader:
    """Turns sealed messages into arrivals. Every method raises TransientError."""

    def __init__(
        self, *, vault: Vault, registry: RecogniseCitizens, keys: RouterKeys, mailboxes: Collection[str]
    ) -> None:
        self._vault = vault
        self._registry = registry
        self._keys = keys
        self._mailboxes = mailboxes

    async def open(self, messages: Iterable[MessageDocument]) -> list[Opened]:
        """Return the messages that can be opened; a destroyed key leaves its message out. Raises UnopenableError."""
        return [Opened(message, _unsealed(message, key)) for message, key in await self._living(messages)]

    async def open_others(self, messages: Iterable[MessageDocument]) -> list[Opened]:
        """Return what lies in the store and can be opened: what was tampered with there must stop no other message."""
        return [
            Opened(message, content)
            for message, key in await self._living(messages)
            if (content := _unsealed_if_whole(message, key)) is not None
        ]

    async def _living(self, messages: Iterable[MessageDocument]) -> list[tuple[MessageDocument, DataKey]]:
        sealed = list(messages)
        keys = await self._vault.open_keys({message.content.key_id for message in sealed}) if sealed else {}
        living = ((message, keys.get(message.content.key_id)) for message in sealed)
        return [(message, key) for message, key in living if key is not None]

    async def recognise(self, messages: Sequence[Opened]) -> list[Arrival]:
        """Return opened messages with who may have written them; unknown senders become provisional citizens."""
        holders = await self._registry.recognise(messages) if messages else {}
        return [
            Arrival(
                opened=opened,
                holders=holders.get(opened.message.message_id, Holders()),
                marks=read_marks(opened.message, opened.content, self._keys, self._mailboxes),
            )
            for opened in messages
        ]


def _unsealed(message: MessageDocument, key: DataKey) -> InboundContent:
    return unseal_model(key, Thing("message", message.message_id), "content", message.content, InboundContent)


def _unsealed_if_whole(message: MessageDocument, key: DataKey) -> InboundContent | None:
    with suppress(UnopenableError):
        return _unsealed(message, key)
    return None


def as_cause(event: MessageReceived, trace: str | None) -> MessageDocument:
    """Return the document of a message that is not filed yet. trace: whoever files it continues it."""
    return MessageDocument(
        _id=event.message_id,
        direction=Direction.INBOUND,
        channel=event.channel,
        accounts=tuple(dict.fromkeys(event.accounts)),
        at=event.received_at,
        edits=event.edits,
        automatic=event.automatic,
        unread=event.unread,
        attachments=event.attachments,
        content=event.content,
        trace=trace,
    )
