"""What the process that runs a channel's code lends it.

Who only sends is lent nothing, and loads a channel's declaration all the same: what stands behind a `Host` is named
here, and loaded by the host alone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from guichet.channel.draft import Draft
from guichet.channel.payload import Payload
from guichet.channel.remembered import Remembered
from guichet.clock import Clock
from guichet.contracts.dead_letters import Origin
from guichet.contracts.delivery import DeliveryReported
from guichet.contracts.inbound import ChannelName, MessageReceived
from guichet.contracts.inbound_content import Identifier
from guichet.contracts.topics import DELIVERY_REPORTS, Topic
from guichet.errors import PermanentError
from guichet.ids import MessageId
from guichet.privacy.pseudonyms import message_id

if TYPE_CHECKING:
    from guichet.channel.edge import Edge
    from guichet.store.catch_ups import CatchUps
    from guichet.store.mailbox_places import MailboxPlaces
    from guichet.town import Town

log = structlog.get_logger()

Read = Callable[[Payload], Awaitable[Draft | None]]
Salvage = Callable[[Payload], Draft]
Senders = Callable[[Payload], Iterable[Identifier]]


@dataclass(frozen=True, kw_only=True)
class Host:
    """One provider's place in its host. topic: that its messages go onto.

    catch_ups: how far the provider's own list has been read, for ingest-sms; of another host it is NotLent.
    mailbox_places: how far mailboxes have been read, for ingest-email; likewise. safe: what this process has handed on
    already, by the provider's own names, so that its webhook and its list tell each other.
    message_id_key: of message ids; give it nobody, and use `message_id` wherever the provider has an id of its own.
    """

    service: str
    provider: str
    topic: Topic[MessageReceived]
    town: Town
    clock: Clock
    edge: Edge
    catch_ups: CatchUps
    mailbox_places: MailboxPlaces
    message_id_key: bytes
    safe: Remembered = field(default_factory=Remembered)

    def message_id(self, channel: ChannelName, account: str, provider_id: str) -> MessageId:
        """Return the id of a message that its provider names; account: the town's. Raises PermanentError for a blank
        one."""
        return message_id(self.message_id_key, channel, account, provider_id)

    async def accept(self, draft: Draft) -> MessageId:
        """Return the message's id once it is safe. Raises TransientError, PermanentError: see Edge.accept."""
        return await self.edge.accept(self.topic, draft)

    async def receive(
        self, payload: Payload, read: Read, senders: Senders, salvage: Salvage | None = None
    ) -> MessageId | None:
        """Read a payload and accept what it says; see Edge.receive. Whose sender is written otherwise than the
        channel's `kind` says counts as unreadable (address-form): two forms of one address would be two citizens.

        senders: who sent what cannot be read, as far as can be told; whoever is erased takes it along.
        """
        return await self.edge.receive(
            self.topic,
            payload.body,
            lambda _: self._read(payload, read),
            None if salvage is None else lambda _: salvage(payload),
            origin=self._origin(payload, senders),
        )

    async def relay(
        self, payload: Payload, read: Callable[[Payload], Awaitable[DeliveryReported]], senders: Senders
    ) -> None:
        """Pass on the provider's report on one of our messages; see Edge.relay."""
        await self.edge.relay(
            DELIVERY_REPORTS, payload.body, lambda _: read(payload), origin=self._origin(payload, senders)
        )

    async def _read(self, payload: Payload, read: Read) -> Draft | None:
        draft = await read(payload)
        if draft is not None:
            self._require_one_form(draft)
        return draft

    def _require_one_form(self, draft: Draft) -> None:
        kind = self.town.facts[draft.channel].kind
        for sender in draft.content.sender:
            if kind is not None and sender.kind == kind.name and not kind.matches(sender.value):
                raise PermanentError(
                    f"{draft.channel}: the pattern of `kind` does not take a sender's address", reason="address-form"
                )

    def _origin(self, payload: Payload, senders: Senders) -> Callable[[], Origin]:
        def origin() -> Origin:
            return Origin(
                provider=self.provider,
                headers=dict(payload.headers),
                target=payload.target,
                senders=_noted(senders, payload),
            )

        return origin


def _noted(senders: Senders, payload: Payload) -> tuple[Identifier, ...] | None:
    try:
        return tuple(senders(payload))
    except Exception as error:  # its letter is written all the same; whose it is, is guessed from what it says
        log.error("nobody noted who sent a dead letter", exc_info=error)
        return None
