"""An edge on the real broker, vault and object store."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import datetime

from guichet.channel.edge import Edge
from guichet.channel.settings import AdapterSettings
from guichet.errors import TransientError
from guichet.kafka.dead_letters.publish import DeadLetters
from guichet.kafka.produce.publisher import KafkaPublisher
from guichet.mongo.client import closing, connect_vault
from guichet.mongo.server_version import require_patched_servers
from guichet.privacy.signing.records import Signer
from guichet.runtime.health import Check, Health
from guichet.runtime.telemetry.metrics import KEY_POOL
from guichet.store.objects import ObstoreObjects
from guichet.vault.keys.collections import VaultKeys
from guichet.vault.pool import KeyPool


@asynccontextmanager
async def connected_edge(
    service: str,
    settings: AdapterSettings,
    health: Health,
    clock: Callable[[], datetime],
    signer: Signer | None = None,
) -> AsyncIterator[Edge]:
    """Connect, and let go at the end. What is away at the start is used once it is there; until then edges refuse.

    clock: aware UTC. signer: of a third party's host. Raises SettingsError for a MongoDB server with known holes.
    """
    async with AsyncExitStack() as stack:
        with suppress(TransientError):  # away: there is nothing to seal with either, and every service that opens asks
            await require_patched_servers(settings.vault)
        vault = stack.enter_context(closing(connect_vault(settings.vault)))
        keys = await stack.enter_async_context(KeyPool(VaultKeys(vault)))
        KEY_POOL.labels(service).set_function(keys.__len__)
        publisher = await stack.enter_async_context(KafkaPublisher(settings.kafka, client_id=service, signer=signer))
        dead_letters = await stack.enter_async_context(
            DeadLetters(settings.kafka, keys, service=service, now=clock, signer=signer)
        )
        health.add("keys", _holds_keys(keys))
        health.add("kafka", publisher.check)
        yield Edge(
            keys=keys,
            objects=ObstoreObjects(settings.objects_url),
            publisher=publisher,
            dead_letter=dead_letters.publish_payload,
            settings=settings.edge,
            now=clock,
        )


def _holds_keys(keys: KeyPool) -> Check:
    async def check() -> None:
        if not len(keys):
            raise TransientError("no data key is left")

    return check
