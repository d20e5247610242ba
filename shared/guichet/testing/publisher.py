"""A publisher in memory, as strict as the real one (one suite runs on both)."""

from typing import Any

from guichet.contracts.base import Event
from guichet.contracts.topics import Topic
from guichet.errors import TransientError
from guichet.kafka.publisher import Publication, as_record


class InMemoryPublisher:
    """Twin of KafkaPublisher. published: what the "broker" confirmed, in order. away: the broker does not answer."""

    def __init__(self, published: list[Publication[Any]] | None = None, away: bool = False) -> None:
        self.published: list[Publication[Any]] = [] if published is None else published
        self.away = away

    async def publish(self, *publications: Publication[Any]) -> None:
        """See Publisher."""
        for publication in publications:
            as_record(publication)  # what does not fit a topic fails here as it does there
        if self.away:
            raise TransientError("Kafka is away")
        self.published.extend(publications)

    def on(self, topic: Topic[Any]) -> list[Event]:
        """Return the events published on `topic`, oldest first."""
        return [publication.event for publication in self.published if publication.topic.name == topic.name]
