"""How large a record may be, from the client to the broker. Pure; the figures come from the topic registry."""

from typing import Any, Final

from guichet.contracts.topics import MIB, TOPICS, Topic

# What Kafka adds around a record (batch header, lengths, trace headers): the broker's limit covers it.
ENVELOPE_BYTES: Final = 64 * 1024


def broker_limit(topic: Topic[Any]) -> int:
    """Return `max.message.bytes` of a topic."""
    return topic.max_bytes + ENVELOPE_BYTES


def dead_letter_limit(topic: Topic[Any]) -> int:
    """Return `max.message.bytes` of a topic's dead letters: the record sealed, in base64 twice (16/9 and line ends)."""
    return 2 * topic.max_bytes + ENVELOPE_BYTES


LARGEST_RECORD: Final = max(dead_letter_limit(topic) for topic in TOPICS)  # a client must be able to send and read it
FETCH_BYTES: Final = max(16 * MIB, 2 * LARGEST_RECORD)
