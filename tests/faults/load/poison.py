"""Poison on the topics themselves: records that no producer of ours would write. Pure.

Each is known by a word in its value, and must end in its topic's dead letters, given up by each of the topic's groups.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from guichet.contracts.case_commands import CloseCase
from guichet.contracts.privacy import ErasureRequested
from guichet.contracts.topics import (
    CASE_COMMANDS,
    CASE_EVENTS,
    DELIVERY_EVENTS,
    DELIVERY_REPORTS,
    INBOUND_EMAIL,
    INBOUND_SMS,
    INBOUND_SOCIAL,
    PRIVACY_REQUESTS,
    Topic,
)
from guichet.ids import AgentId, CaseId, CitizenId, EventId
from guichet.kafka.produce.producer import Record

POISONED: tuple[Topic[Any], ...] = (
    INBOUND_EMAIL,
    INBOUND_SMS,
    INBOUND_SOCIAL,
    CASE_COMMANDS,
    CASE_EVENTS,
    DELIVERY_REPORTS,
    DELIVERY_EVENTS,
    PRIVACY_REQUESTS,
)


@dataclass(frozen=True)
class PoisonRecord:
    """A record and who must give it up. word: stands in its value."""

    word: str
    groups: tuple[str, ...]
    record: Record


def poison_records(seed: int, size: int) -> Iterator[PoisonRecord]:
    """Return `size` records, one topic after the other; on case-commands every second one is about no case."""
    for nth in range(size):
        topic, word = POISONED[nth % len(POISONED)], f"poison-{seed}-record-{nth}"
        value = f'{{"type": "{word}"}}'.encode()
        if topic is CASE_COMMANDS and nth // len(POISONED) % 2 == 0:
            value = _about_no_case(word)
        yield PoisonRecord(word, topic.groups, Record(topic.name, word.encode(), value))


def erasure_of_nobody(seed: int, nth: int) -> ErasureRequested:
    """Return the request to erase a citizen who does not exist: work for gdpr-worker that touches nobody."""
    word = f"nobody-{seed}-{nth}"
    return ErasureRequested(
        event_id=EventId(word),
        occurred_at=datetime.now(UTC),
        citizen=CitizenId(word),
        requested_by=AgentId("nobody"),
        decision="fault run",
    )


def _about_no_case(word: str) -> bytes:
    command = CloseCase(
        event_id=EventId(word), occurred_at=datetime.now(UTC), case_id=CaseId(word), issued_by=AgentId("nobody")
    )
    return command.model_dump_json().encode()
