"""An adapter as the process that it is in production, on the test run's real broker and vault."""

import asyncio
import os
import signal
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
from aiokafka import AIOKafkaConsumer, TopicPartition

from guichet.clock import SystemClock
from guichet.contracts.inbound import MessageReceived
from guichet.contracts.inbound_content import InboundContent
from guichet.contracts.topics import Topic
from guichet.kafka.admin.topics import create_topics
from guichet.mongo.client import connect_vault
from guichet.runtime.settings import KafkaSettings, OpeningSettings
from guichet.store.objects import ObstoreObjects
from guichet.vault.mongo_vault import MongoVault, open_vault
from guichet.vault.sealing import Thing
from guichet.vault.setup import initialise_vault
from guichet_testing.forks.popen import fork
from guichet_testing.sealing import unseal_attachment, unseal_model
from guichet_testing.until import PATIENCE_S

KEYS = ("MESSAGE_ID_KEY", "INGEST_PSEUDONYM_KEY")


@dataclass
class AdapterProcess:
    """Use it with `async with`, inside the loop. module: `python -m <module>`. more: GUICHET_… variables of its own."""

    module: str
    topic: Topic[Any]
    bootstrap_servers: str
    mongodb_uri: str
    database: str
    folder: Path
    health_port: int
    more: Mapping[str, str]
    log: str = field(default="", init=False)

    async def __aenter__(self) -> Self:
        kafka = KafkaSettings(kafka_bootstrap_servers=self.bootstrap_servers)
        await create_topics(kafka)
        vault = connect_vault(self.opening)
        await initialise_vault(vault, self.opening.root_key_file, clock=SystemClock().now)
        vault.client.close()
        self.vault: MongoVault = open_vault(self.opening, clock=SystemClock().now)
        self._consumer = AIOKafkaConsumer(bootstrap_servers=self.bootstrap_servers, enable_auto_commit=False)
        await self._consumer.start()
        places = [TopicPartition(self.topic.name, number) for number in range(self.topic.partitions)]
        self._consumer.assign(places)
        await self._consumer.seek_to_end()
        for place in places:
            await self._consumer.position(place)
        self._start()
        try:
            await self._ready()
        except BaseException:
            await self.__aexit__(None, None, None)  # what is not entered is not left: the process would stay
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            await self.stop()
        await self._consumer.stop()

    @property
    def opening(self) -> OpeningSettings:
        """Settings of who may open what the adapter sealed."""
        return OpeningSettings.model_validate(
            {
                "mongodb_uri": self.mongodb_uri,
                "vault_database": f"{self.database}_vault",
                "root_key_file": self.folder / "root.key",
            }
        )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    async def next_message(self) -> MessageReceived:
        """Return the next message on the topic. Raises TimeoutError after a minute."""
        return MessageReceived.model_validate_json(await self.next_value())

    async def next_value(self, patience_s: float = PATIENCE_S) -> bytes:
        """Return the next record's value on the topic. Raises TimeoutError."""
        async with asyncio.timeout(patience_s):
            record = await self._consumer.getone()
        return record.value or b""

    async def opened(self, event: MessageReceived) -> tuple[InboundContent, list[bytes]]:
        """Open a message and its files."""
        key = (await self.vault.open_keys([event.content.key_id]))[event.content.key_id]
        objects = ObstoreObjects(self._objects_url)
        ids = [attachment.attachment_id for attachment in event.attachments]
        files = [unseal_attachment(key, event.message_id, each, await objects.get(each)) for each in ids]
        thing = Thing("message", event.message_id)
        return unseal_model(key, thing, "content", event.content, InboundContent), files

    async def kill_and_start(self) -> None:
        """Kill it and start it again; what it said before is gone from its log."""
        self._process.kill()
        await asyncio.to_thread(self._process.wait, PATIENCE_S)
        self._start()
        await self._ready()

    async def stop(self) -> int:
        """Ask it to stop, and return its exit status."""
        self._process.send_signal(signal.SIGTERM)
        status = await asyncio.to_thread(self._process.wait, PATIENCE_S)
        self.log = self._log_file.read_text()
        return status

    @property
    def _objects_url(self) -> str:
        return (self.folder / "objects").as_uri()

    @property
    def _log_file(self) -> Path:
        return self.folder / f"{self.module}.log"

    def _start(self) -> None:
        variables = {
            "KAFKA_BOOTSTRAP_SERVERS": self.bootstrap_servers,
            "MONGODB_URI": self.mongodb_uri,
            "MONGODB_DATABASE": self.database,
            "VAULT_DATABASE": f"{self.database}_vault",
            "OBJECTS_URL": self._objects_url,
            "HEALTH_PORT": str(self.health_port),
            **{name: b64encode(name.encode().ljust(32)).decode() for name in KEYS},
            **self.more,
        }
        environment = {**os.environ, **{f"GUICHET_{name}": value for name, value in variables.items()}}
        with self._log_file.open("wb") as log:
            self._process = fork(self.module, environment=environment, stderr=log)

    async def _ready(self) -> None:
        address = f"http://127.0.0.1:{self.health_port}/health/ready"
        async with asyncio.timeout(PATIENCE_S), httpx.AsyncClient(trust_env=False) as client:
            while not await self._answers(client, address):
                assert self._process.poll() is None, self._log_file.read_text()
                await asyncio.sleep(0.1)

    async def _answers(self, client: httpx.AsyncClient, address: str) -> bool:
        try:
            return (await client.get(address)).status_code == 200
        except httpx.TransportError:
            return False
