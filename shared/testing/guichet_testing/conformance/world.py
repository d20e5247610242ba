"""The world around an adapter under test: broker, vault and object store in memory, and a clock that is told."""

import asyncio
import base64
from datetime import UTC, datetime, timedelta
from typing import Any

from guichet.channel.edge import Edge
from guichet.channel.lent import Host
from guichet.contracts.channels import ChannelFacts
from guichet.contracts.dead_letters import Aside, Origin
from guichet.contracts.inbound import MessageReceived
from guichet.contracts.inbound_content import InboundContent
from guichet.contracts.topics import INBOUND_EMAIL, INBOUND_SMS, Topic
from guichet.errors import TransientError
from guichet.kafka.produce.publisher import Publication
from guichet.privacy.signing.records import Signer
from guichet.runtime.settings import EdgeSettings
from guichet.store.catch_ups import NotLent
from guichet.store.mailbox_places import PlacesNotLent
from guichet.vault.sealing import DataKey, Thing
from guichet_testing.builders.bare_town import bare_town
from guichet_testing.sealing import unseal_attachment, unseal_model
from guichet_testing.twins.publisher import InMemoryPublisher
from guichet_testing.twins.store.catch_ups import InMemoryCatchUps
from guichet_testing.twins.store.mailbox_places import InMemoryMailboxPlaces
from guichet_testing.twins.store.objects import InMemoryObjects
from guichet_testing.twins.vault import InMemoryVault

KEY = b"a key of thirty-two bytes, tests"


class SlowBroker(InMemoryPublisher):
    """A broker that confirms only when told to. asked: set once something was handed to it."""

    def __init__(self) -> None:
        super().__init__(signer=Signer(KEY))  # a third party's host signs
        self.asked = asyncio.Event()
        self.may_confirm = asyncio.Event()
        self.may_confirm.set()

    async def publish(self, *publications: Publication[Any]) -> None:
        self.asked.set()
        await self.may_confirm.wait()
        await super().publish(*publications)


class World:
    """Everything an edge writes to, to be looked at afterwards."""

    def __init__(self) -> None:
        self.broker = SlowBroker()
        self.vault = InMemoryVault()
        self.objects = InMemoryObjects()
        self.dead_letters: list[tuple[str, bytes, Exception]] = []
        self.asides: list[Aside | None] = []  # of what was dead-lettered, in its order
        self.origins: list[Origin | None] = []
        self.catch_ups = InMemoryCatchUps()
        self.mailbox_places = InMemoryMailboxPlaces()
        self.time = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
        key = base64.b64encode(KEY).decode()
        self.settings = EdgeSettings.model_validate({"message_id_key": key, "ingest_pseudonym_key": key})
        self.edge = Edge(
            keys=self.vault,
            objects=self.objects,
            publisher=self.broker,
            dead_letter=self._dead_letter,
            settings=self.settings,
            now=self.now,
            patience=timedelta(seconds=5),
        )

    def now(self) -> datetime:
        """The adapter's clock."""
        return self.time

    async def sleep(self, duration: timedelta) -> None:
        """Wait so long by the machine's clock; `time` stands still."""
        await asyncio.sleep(duration.total_seconds())

    def lend(self, provider: str, topic: Topic[MessageReceived], *channels: ChannelFacts) -> Host:
        """Return what a host lends a provider whose channel is under test. channels: what the town switched on."""
        return Host(
            service=f"ingest-{provider}",
            provider=provider,
            topic=topic,
            town=bare_town(*channels),
            clock=self,
            edge=self.edge,
            catch_ups=self.catch_ups if topic == INBOUND_SMS else NotLent(),
            mailbox_places=self.mailbox_places if topic == INBOUND_EMAIL else PlacesNotLent(),
            message_id_key=KEY,
        )

    def received(self, topic: Topic[MessageReceived]) -> list[MessageReceived]:
        """Return the messages that the broker confirmed, oldest first."""
        return [event for event in self.broker.on(topic) if isinstance(event, MessageReceived)]

    async def content(self, event: MessageReceived) -> InboundContent:
        """Open a message, as the router will."""
        key = await self._key(event)
        return unseal_model(key, Thing("message", event.message_id), "content", event.content, InboundContent)

    async def files(self, event: MessageReceived) -> list[bytes]:
        """Open a message's files, as the desk will."""
        key = await self._key(event)
        ids = [attachment.attachment_id for attachment in event.attachments]
        return [unseal_attachment(key, event.message_id, each, await self.objects.get(each)) for each in ids]

    def in_clear(self) -> str:
        """Return everything that lies readable on topics and in the object store."""
        records = [f"{each.record_key} {each.event.model_dump_json()}" for each in self.broker.published]
        objects = [f"{name} {content.decode('utf-8', 'replace')}" for name, content in self.objects.objects.items()]
        return "\n".join([*records, *objects])

    async def _key(self, event: MessageReceived) -> DataKey:
        return (await self.vault.open_keys([event.content.key_id]))[event.content.key_id]

    async def _dead_letter(
        self,
        topic: Topic[Any],
        payload: bytes,
        error: Exception,
        *,
        aside: Aside | None = None,
        origin: Origin | None = None,
    ) -> None:
        if self.broker.away or self.vault.away:
            raise TransientError("no dead letter can be kept")
        self.dead_letters.append((topic.name, payload, error))
        self.asides.append(aside)
        self.origins.append(origin)
