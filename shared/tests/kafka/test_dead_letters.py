"""An adapter past its ceiling of dead letters: it refuses, says so, and stops saying so."""

from datetime import timedelta
from typing import Any

import pytest

from guichet.errors import TransientError
from guichet.kafka.dead_letters import DeadLetters
from guichet.runtime.alarms import Alarm
from guichet.runtime.metrics import ALARM
from guichet.runtime.settings import KafkaSettings
from guichet.testing.kafka import a_topic
from guichet.testing.vault import InMemoryVault
from guichet.testing.waiting import until


class Silent:
    """Stands for the producer: confirms everything."""

    async def send(self, _: Any) -> None:
        """See Producer."""

    async def stop(self) -> None:
        """See Producer."""


def alarm_of(service: str) -> float:
    return ALARM.labels(Alarm.DEAD_LETTER_CEILING.value, service)._value.get()


async def test_past_the_ceiling_an_adapter_alarms_until_its_sources_let_it_be() -> None:
    kafka, topic = KafkaSettings(dead_letters_per_minute=1), a_topic()
    letters = DeadLetters(kafka, InMemoryVault(), service="ingest-flood", calm_after=timedelta(seconds=0.05))
    letters._producer = Silent()  # type: ignore[assignment]
    await letters.bury_payload(topic, b"?", ValueError())
    assert alarm_of("ingest-flood") == 0
    with pytest.raises(TransientError, match="too many"):
        await letters.bury_payload(topic, b"?", ValueError())
    assert alarm_of("ingest-flood") == 1
    await until(lambda: alarm_of("ingest-flood") == 0, seconds=2)
    await letters.stop()
