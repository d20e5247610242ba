"""A publisher in memory, as strict as the real one (one suite runs on both)."""

from typing import Any

from guichet.contracts.base import Event
from guichet.contracts.topics import Topic
from guichet.errors import TransientError
from guichet.kafka.produce.producer import Record
from guichet.kafka.produce.publisher import Publication, Publisher, as_record
from guichet.privacy.signing.records import Signer


class InMemoryPublisher(Publisher):
    """Twin of KafkaPublisher. published: what the "broker" confirmed, in order, and records: as it would hold it.

    away: the broker does not answer. signer: a door's.
    """

    def __init__(
        self, published: list[Publication[Any]] | None = None, away: bool = False, *, signer: Signer | None = None
    ) -> None:
        self.signer = signer
        self.published: list[Publication[Any]] = [] if published is None else published
        self.records: list[Record] = []
        self.away = away

    async def publish(self, *publications: Publication[Any]) -> None:
        records = [as_record(each, self.signer) for each in publications]  # what does not fit a topic fails here too
        if self.away:
            raise TransientError("Kafka is away")
        self.published.extend(publications)
        self.records.extend(records)

    def on(self, topic: Topic[Any]) -> list[Event]:
        """Return the events published on `topic`, oldest first."""
        return [publication.event for publication in self.published if publication.topic.name == topic.name]
