"""Messages that come in while a town is measured: sealed and published as an adapter does it, at an even pace."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from time import monotonic
from typing import Final

from pydantic import SecretStr

from guichet.contracts.topics import INBOUND_SMS
from guichet.kafka.produce.publisher import KafkaPublisher, Publication
from guichet.mongo.client import closing, connect_vault
from guichet.runtime.settings import KafkaSettings, VaultSettings
from guichet.vault.keys.collections import VaultKeys
from guichet.vault.pool import KeyPool
from guichet_bench.french import FrenchWords
from guichet_local.stack import LocalStack
from guichet_testing.builders.inbound import TOWN_NUMBER, sealed_message, sms_content
from guichet_testing.town.store import VAULT
from tests.scale.live.elsewhere import stand_elsewhere

_WORDS_OF_DEPARTMENTS: Final = ("poubelle", "carte d'identité", "permis de construire", "cantine", "association", "")
_NUMBERS: Final = 10**8


@dataclass(frozen=True)
class Door:
    """What a process that publishes must know; it may be handed to another process."""

    kafka: KafkaSettings
    vault: VaultSettings

    @classmethod
    def of(cls, stack: LocalStack) -> "Door":
        """Return a stack's."""
        vault = VaultSettings(mongodb_uri=SecretStr(stack.mongodb_admin_uri), vault_database=VAULT)
        return cls(stack.kafka_admin, vault)


class Messages:
    """Publishes text messages of people who have not written before."""

    def __init__(self, publisher: KafkaPublisher, keys: KeyPool) -> None:
        self._publisher, self._keys = publisher, keys

    async def write(self, text: str) -> None:
        """Publish one; return once the broker has it."""
        sender, name = f"+337{secrets.randbelow(_NUMBERS):08}", secrets.token_hex(16)
        said = {"channel": "sms", "accounts": (TOWN_NUMBER,)}
        event = await sealed_message(self._keys, name, sms_content(sender, text), datetime.now(UTC), **said)
        await self._publisher.publish(Publication(INBOUND_SMS, event, key=sender))


@asynccontextmanager
async def messages_of(door: Door) -> AsyncIterator[Messages]:
    """Connect for the block."""
    with closing(connect_vault(door.vault)) as vault_database:
        async with KafkaPublisher(door.kafka, "scale") as publisher:
            yield Messages(publisher, KeyPool(VaultKeys(vault_database)))


def send_evenly(door: Door, per_second: int, seconds: int) -> None:
    """Publish so many a second, in a process of its own."""
    stand_elsewhere()
    asyncio.run(_send_evenly(door, per_second, seconds))


async def _send_evenly(door: Door, per_second: int, seconds: int) -> None:
    french, by, began = FrenchWords(), Random(5), monotonic()
    async with messages_of(door) as messages, asyncio.TaskGroup() as sent:
        for nth in range(per_second * seconds):
            await asyncio.sleep(max(0.0, began + nth / per_second - monotonic()))
            words = [by.choice(_WORDS_OF_DEPARTMENTS), *french.text(by, 8, 30)]
            sent.create_task(messages.write(" ".join(words)))
