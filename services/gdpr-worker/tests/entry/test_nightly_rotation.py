"""gdpr-worker rotates the keys of the vault every night, catches a missed one up, and says when rotations fail."""

from datetime import UTC, datetime, time, timedelta

import pytest
from prometheus_client import REGISTRY

from gdpr_worker.entry.nightly_rotation import NightlyRotation
from guichet.clock import SystemClock
from guichet.errors import TransientError
from guichet.vault.rotation.ports import RotationReport
from guichet_testing.twins.vault import InMemoryRotation

EVENING = datetime(2026, 1, 14, 20, 0, tzinfo=UTC)


class Night:
    """A town whose vault was made in the evening."""

    def __init__(self) -> None:
        self.now = EVENING
        self.rotation = InMemoryRotation(lambda: self.now)
        self.is_away = False
        self.nightly = NightlyRotation(
            self.rotation, self, time(3, 30), lambda: self.now, self.first, sleep=SystemClock().sleep
        )
        self.turns_before_each_pass: list[int] = []
        self.topics_are_away = False

    async def first(self) -> None:
        if self.topics_are_away:
            raise TransientError("Kafka is away")
        self.turns_before_each_pass.append(len(self.rotation.done))

    async def last(self) -> RotationReport | None:
        if self.is_away:
            raise TransientError("MongoDB is away")
        return self.rotation.done[-1] if self.rotation.done else RotationReport(1, EVENING, EVENING, buckets=0, keys=0)

    async def look_at(self, hours: float) -> int:
        self.now = EVENING + timedelta(hours=hours)
        await self.nightly.one_look()
        return len(self.rotation.done)


@pytest.fixture
def night() -> Night:
    return Night()


def alarm() -> float | None:
    return REGISTRY.get_sample_value("guichet_alarm", {"alarm": "turn-overdue", "cause": "vault"})


async def test_once_a_night_at_its_hour(night: Night) -> None:
    assert [await night.look_at(hours) for hours in (0, 6.4, 6.5, 6.6, 24, 30.5, 31)] == [0, 0, 1, 1, 1, 2, 2]


async def test_a_night_that_was_missed_is_caught_up_at_once(night: Night) -> None:
    assert await night.look_at(15) == 1


async def test_a_failed_rotation_is_tried_again_and_told_after_two_days(night: Night) -> None:
    night.rotation.away = True
    assert await night.look_at(7) == 0
    assert alarm() == 0
    await night.look_at(49)
    assert alarm() == 1
    night.rotation.away = False
    assert await night.look_at(49.1) == 1
    assert alarm() == 0


async def test_a_laptop_that_slept_for_a_week_raises_no_alarm(night: Night) -> None:
    assert await night.look_at(7 * 24) == 1
    assert alarm() == 0


async def test_late_copies_go_before_each_nights_rotation_and_never_hold_it_up(night: Night) -> None:
    await night.look_at(6)
    assert night.turns_before_each_pass == []
    await night.look_at(7)
    night.topics_are_away = True
    assert await night.look_at(31) == 2
    night.topics_are_away = False
    assert await night.look_at(55) == 3
    assert night.turns_before_each_pass == [0, 2]


async def test_a_vault_that_is_away_is_asked_again(night: Night) -> None:
    night.is_away = True
    assert await night.look_at(7) == 0
    night.is_away = False
    assert await night.look_at(7.1) == 1
