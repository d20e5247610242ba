"""A town ready for messages: topics, store and vault on a benchmark's servers, and what a process is told of them."""

import base64
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from guichet.clock import SystemClock
from guichet.contracts.inbound import ChannelName, MessageReceived
from guichet.contracts.topics import INBOUND_EMAIL, INBOUND_SMS, INBOUND_SOCIAL, Topic
from guichet.ids import EventId, derive_id
from guichet.kafka.admin.topics import create_topics
from guichet.kafka.produce.publisher import KafkaPublisher, Publication
from guichet.mongo.client import connect, connect_vault
from guichet.privacy.pseudonyms import ingest_pseudonym
from guichet.runtime.settings import KafkaSettings, MongoSettings, VaultSettings
from guichet.store.setup.schema import prepare
from guichet.vault.keys.collections import VaultKeys
from guichet.vault.pool import KeyPool
from guichet.vault.sealing import DataKey, Thing
from guichet.vault.setup import initialise_vault
from guichet_bench.benchmark import Servers
from guichet_bench.router.traffic import Letter, Traffic
from guichet_local.machine.paths import REPOSITORY
from guichet_testing.builders.signers import public_keys_folder
from guichet_testing.sealing import seal_model

TOPICS: Final[Mapping[ChannelName, Topic[MessageReceived]]] = {
    "email": INBOUND_EMAIL,
    "sms": INBOUND_SMS,
    "telegram": INBOUND_SOCIAL,
}
GROUP: Final = "case-router"
_AT_ONCE: Final = 512
_KEYS: Final = ("REGISTRY", "SECTOR", "THREAD", "REFERENCE")


class Scene:
    """One town on one pair of servers."""

    def __init__(self, servers: Servers, folder: Path) -> None:
        self.kafka = KafkaSettings(kafka_bootstrap_servers=servers.bootstrap_servers)
        self.mongo = MongoSettings(mongodb_uri=servers.mongodb_uri)
        self.vault = VaultSettings(mongodb_uri=servers.mongodb_uri)
        self.folder = folder
        self._root_key = folder / "root-key.json"
        self._keys = {name: secrets.token_bytes(32) for name in _KEYS}
        self._ingest_key = secrets.token_bytes(32)

    async def set(self) -> None:
        """Make topics, collections, indexes and the vault."""
        await create_topics(self.kafka)
        await prepare(connect(self.mongo), clock=SystemClock().now)
        await initialise_vault(connect_vault(self.vault), self._root_key, clock=SystemClock().now)

    def log(self, process: str) -> Path:
        """Return the file of a process's log."""
        return self.folder / f"{process}.log"

    @property
    def environment(self) -> dict[str, str]:
        """What a router's process gets, the log level of production included."""
        settings = {
            "KAFKA_BOOTSTRAP_SERVERS": self.kafka.kafka_bootstrap_servers,
            "MONGODB_URI": self.mongo.mongodb_uri.get_secret_value(),
            "MONGODB_OLD_SERVER": "accepted",
            "ROOT_KEY_FILE": str(self._root_key),
            "TOWN": str(REPOSITORY / "deploy" / "local" / "town"),
            **{f"{name}_KEY": base64.b64encode(key).decode() for name, key in self._keys.items()},
        }
        believed = public_keys_folder(self.folder / "public-keys")
        return {**os.environ, **{f"GUICHET_{name}": value for name, value in settings.items()}, **believed}

    def traffic(self, name: str, count: int, earlier: Sequence[Letter] = ()) -> list[Letter]:
        """Return messages that nobody has sent yet. earlier: filed ones that some of them answer."""
        return Traffic(name, self._keys["REFERENCE"], earlier).letters(count)

    async def deliver(self, letters: Sequence[Letter]) -> None:
        """Put messages onto the inbound topics, as the adapters do."""
        pool = KeyPool(VaultKeys(connect_vault(self.vault)))
        async with KafkaPublisher(self.kafka, "bench") as publisher:
            for start in range(0, len(letters), _AT_ONCE):
                some = letters[start : start + _AT_ONCE]
                keys = await pool.new_keys(len(some))
                await publisher.publish(*self._publications(some, keys))

    def _publications(self, letters: Sequence[Letter], keys: Sequence[DataKey]) -> list[Publication[Any]]:
        return [
            Publication(
                TOPICS[letter.channel],
                _sealed(letter, key),
                key=ingest_pseudonym(self._ingest_key, letter.channel, letter.sender, letter.at),
                trace=f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01",
            )
            for letter, key in zip(letters, keys, strict=True)
        ]


def _sealed(letter: Letter, key: DataKey) -> MessageReceived:
    return MessageReceived(
        event_id=EventId(derive_id("bench-event", letter.message_id)),
        occurred_at=letter.at,
        message_id=letter.message_id,
        channel=letter.channel,
        accounts=(letter.account,),
        received_at=letter.at,
        content=seal_model(key, Thing("message", letter.message_id), "content", letter.content),
    )
