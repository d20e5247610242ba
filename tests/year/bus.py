"""Kafka's place in the year: what is published is written as a record and read again, and waits while nobody reads."""

from collections import deque
from collections.abc import Callable
from typing import Any

from guichet.contracts.base import Event
from guichet.contracts.topics import CASE_EVENTS, DELIVERY_EVENTS
from guichet.kafka.produce.publisher import Publication, Publisher, as_record
from guichet.kafka.records import Received


class Bus(Publisher):
    """to_router, to_notifier: what each has not read yet. heard: is called with whatever is published."""

    def __init__(self, heard: Callable[[Event], None]) -> None:
        self.to_router: deque[Received[Any]] = deque()
        self.to_notifier: deque[Received[Any]] = deque()
        self._heard = heard
        self._offset = 0

    async def publish(self, *publications: Publication[Any]) -> None:
        for each in publications:
            record = as_record(each)
            event = each.topic.events.validate_json(record.value)
            self._heard(event)
            if each.topic is CASE_EVENTS:
                self.to_notifier.append(self._received(each.topic.name, event, record.key.decode()))
            elif each.topic is DELIVERY_EVENTS:
                self.to_router.append(self._received(each.topic.name, event, record.key.decode()))

    def hand_in(self, topic: str, event: Event, key: str = "") -> None:
        """Put on a topic what a door would: a citizen's message, an agent's command."""
        read_again = type(event).model_validate_json(event.model_dump_json())
        self.to_router.append(self._received(topic, read_again, key))

    def _received(self, topic: str, event: Event, key: str) -> Received[Any]:
        self._offset += 1
        return Received(event, topic, 0, self._offset, key)
