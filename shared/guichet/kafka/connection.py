"""How every client of aiokafka reaches the broker (where it is, over what, as whom), and how it leaves."""

import asyncio
from types import TracebackType
from typing import Any, Self

from aiokafka import AIOKafkaConsumer
from aiokafka.helpers import create_ssl_context

from guichet.runtime.settings import KafkaSettings


class Connection:
    """A lasting connection: `start` and `stop` are the heir's; `async with` calls both."""

    async def start(self) -> None:
        """Connect."""
        raise NotImplementedError

    async def stop(self) -> None:
        """Disconnect."""
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()


def client_options(kafka: KafkaSettings) -> dict[str, Any]:
    """Return what a producer, consumer or admin client of aiokafka is made with. Reads the CA file where one is set."""
    options: dict[str, Any] = {
        "bootstrap_servers": kafka.kafka_bootstrap_servers,
        "security_protocol": kafka.kafka_security.upper(),
    }
    if kafka.kafka_security == "plaintext":
        return options
    assert kafka.kafka_password is not None  # the settings refuse to be read without
    options |= {
        "sasl_mechanism": kafka.kafka_mechanism,
        "sasl_plain_username": kafka.kafka_username,
        "sasl_plain_password": kafka.kafka_password.get_secret_value(),
    }
    if kafka.kafka_security == "sasl_ssl":
        options["ssl_context"] = create_ssl_context(cafile=kafka.kafka_ca_file)  # None: the system's authorities
    return options


async def stop_consumer(consumer: AIOKafkaConsumer) -> None:
    """Leave the group, if any, and disconnect.

    aiokafka (0.14, `Fetcher.close`) cancels its pending requests, awaits them and lets their CancelledError out: while
    a broker is away, whoever stops a consumer seems to be cancelled, and the connections stay open. Only a
    cancellation of the caller itself is one.
    """
    try:
        await consumer.stop()
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        await consumer._client.close()
