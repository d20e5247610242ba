"""The time that commands go by is asked for at every key that is opened, so asking is cheap."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from guichet_cli.console import command
from guichet_testing.twins.clock import StillClock


@pytest.fixture(autouse=True)
def _a_command_of_its_own() -> Iterator[None]:
    command.commands_clock.cache_clear()
    yield
    command.commands_clock.cache_clear()


def test_a_command_reads_its_settings_for_the_time_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def clock_of(service: str) -> StillClock:
        read.append(service)
        return StillClock()

    monkeypatch.setattr(command, "clock_of", clock_of)
    for _ in range(3):
        command.operators_now()
    assert read == ["guichet-cli"]


def test_it_is_the_time() -> None:
    assert abs((command.operators_now() - datetime.now(UTC)).total_seconds()) < 60
