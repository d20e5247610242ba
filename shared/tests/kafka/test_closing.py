"""aiokafka's own cancellations are not ours."""

import asyncio
from typing import Any

import pytest
from aiokafka.consumer.fetcher import Fetcher

from guichet.kafka.connection import stop_consumer


class Client:
    def __init__(self) -> None:
        self.closed = False

    async def close(self) -> None:
        self.closed = True


class Consumer:
    """Stops as aiokafka's does: fetcher first, then the connections."""

    def __init__(self, fetcher: Any) -> None:
        self._fetcher = fetcher
        self._client = Client()

    async def stop(self) -> None:
        await self._fetcher.close()
        await self._client.close()


def a_fetcher_that_waits_for_a_broker() -> Any:
    fetcher = Fetcher.__new__(Fetcher)
    fetcher._fetch_waiters = set()
    fetcher._fetch_task = asyncio.ensure_future(asyncio.sleep(60))
    fetcher._pending_tasks = {asyncio.ensure_future(asyncio.sleep(60))}
    return fetcher


class Slow:
    async def close(self) -> None:
        await asyncio.sleep(60)


async def test_a_consumer_whose_broker_is_away_stops_and_cancels_nobody() -> None:
    consumer: Any = Consumer(a_fetcher_that_waits_for_a_broker())
    await asyncio.sleep(0)  # its tasks begin
    await stop_consumer(consumer)
    assert consumer._client.closed


async def test_who_is_cancelled_while_stopping_is_cancelled() -> None:
    consumer: Any = Consumer(Slow())
    stopping = asyncio.ensure_future(stop_consumer(consumer))
    await asyncio.sleep(0)
    stopping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopping
