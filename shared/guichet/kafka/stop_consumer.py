"""Stop a consumer of aiokafka's without being cancelled by it."""

import asyncio

from aiokafka import AIOKafkaConsumer


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
