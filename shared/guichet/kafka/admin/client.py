"""Kafka's administration. Its answers carry their errors instead of raising them: each is looked at."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError, KafkaError, NoError, for_code

from guichet.errors import PermanentError, TransientError
from guichet.kafka.connection import client_options
from guichet.kafka.not_allowed import not_allowed, not_signed_in
from guichet.runtime.settings import KafkaSettings

PATIENCE: Final = timedelta(seconds=15)


@asynccontextmanager
async def administration(kafka: KafkaSettings) -> AsyncIterator[AIOKafkaAdminClient]:
    """Connect for the block. What goes wrong between us and the broker becomes TransientError."""
    admin = AIOKafkaAdminClient(**client_options(kafka), client_id="guichet-admin")
    try:
        async with translated(kafka):
            await admin.start()
            yield admin
    finally:
        await admin.close()


@asynccontextmanager
async def translated(kafka: KafkaSettings) -> AsyncIterator[None]:
    """Raise TransientError where the broker does not answer, in time or at all, or does not let us.

    Also for a record that no client can read: whoever looked goes on when a person has taken it away.
    """
    where = f"Kafka at {kafka.kafka_bootstrap_servers} (GUICHET_KAFKA_BOOTSTRAP_SERVERS)"
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            yield
    except TimeoutError as exc:
        raise TransientError(f"{where} did not answer within {PATIENCE.total_seconds():g} s") from exc
    except KafkaConnectionError as exc:
        raise await not_signed_in(kafka, exc) or TransientError(f"{where} does not answer") from exc
    except KafkaError as exc:
        raise not_allowed(kafka, exc) or TransientError(f"{where}: {type(exc).__name__}") from exc
    except UnicodeDecodeError as exc:  # the name of a header (docs/operations.md, alarm bug)
        raise TransientError(f"{where}: there is a record that no client can read") from exc


async def cluster_id(kafka: KafkaSettings) -> str:
    """Return the id that the brokers were given when they were set up: no other cluster has it.

    Raises TransientError, PermanentError where they have none.
    """
    async with administration(kafka) as admin:
        found = (await admin.describe_cluster())["cluster_id"]
    if not found:
        raise PermanentError("the Kafka cluster has no id: nobody can say whose something is")
    return str(found)


def refusals(answer: Iterable[Any], *, code_at: int, name_at: int) -> dict[str, type[KafkaError]]:
    """Return the errors in an answer's entries, by the name that each is about."""
    errors = {entry[name_at]: for_code(entry[code_at]) for entry in answer}
    return {name: error for name, error in errors.items() if error is not NoError}
