"""What becomes of records already handed to the client when it refuses a later one."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError, KafkaError, MessageSizeTooLargeError

from guichet.errors import PermanentError, TransientError
from guichet.kafka.produce.producer import Producer, Record
from guichet.runtime.settings import KafkaSettings


class Client:
    """Stands for aiokafka's: takes the first record, refuses the second, and confirms a moment later."""

    def __init__(self, refusal: KafkaError, failure: KafkaError | None = None) -> None:
        self.told: list[str] = []
        self._refusal = refusal
        self._failure = failure

    async def send(self, *_: Any, **__: Any) -> asyncio.Future[None]:
        if self.told:
            raise self._refusal
        self.told.append("taken")
        return asyncio.ensure_future(self._confirm())

    async def stop(self) -> None:
        self.told.append("closed")

    async def _confirm(self) -> None:
        await asyncio.sleep(0.05)
        self.told.append("confirmed")
        if self._failure is not None:
            raise self._failure


async def send_two(client: Client) -> None:
    producer = Producer(KafkaSettings(), "tester", timeout=timedelta(seconds=2), linger=timedelta(0))
    producer._current = client  # type: ignore[assignment]
    await producer.send([Record("knocks", b"front", b"1"), Record("knocks", b"front", b"2")])


async def test_what_the_client_has_is_awaited_before_it_is_closed() -> None:
    client = Client(KafkaConnectionError())
    with pytest.raises(TransientError):
        await send_two(client)
    assert client.told == ["taken", "confirmed", "closed"]


async def test_one_that_is_too_large_leaves_the_others_confirmed_and_the_client_open() -> None:
    client = Client(MessageSizeTooLargeError())
    with pytest.raises(PermanentError):
        await send_two(client)
    assert client.told == ["taken", "confirmed"]


async def test_a_failure_of_what_it_had_closes_the_client_whatever_was_refused_after() -> None:
    client = Client(MessageSizeTooLargeError(), failure=KafkaConnectionError())
    with pytest.raises(PermanentError):
        await send_two(client)
    assert client.told == ["taken", "confirmed", "closed"]
