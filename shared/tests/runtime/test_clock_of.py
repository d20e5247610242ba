"""A process runs on the machine's clock unless a test's stack says otherwise, and then it is seen."""

from datetime import timedelta

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from guichet.clock import MappedClock, SystemClock, make_clock_file, move_clock
from guichet.errors import SettingsError
from guichet.runtime.clock import clock_of


@pytest.fixture
def file(tmp_path, monkeypatch):
    make_clock_file(tmp_path / "clock")
    monkeypatch.setenv("GUICHET_CLOCK_FILE", str(tmp_path / "clock"))
    monkeypatch.setenv("GUICHET_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092,localhost:9093,[::1]:9094")
    return tmp_path / "clock"


def alarm(service: str) -> float | None:
    return REGISTRY.get_sample_value("guichet_alarm", {"alarm": "clock-moved", "cause": service})


def test_unset_it_is_the_machines(monkeypatch):
    monkeypatch.delenv("GUICHET_CLOCK_FILE", raising=False)
    assert isinstance(clock_of("case-router"), SystemClock)


def test_a_movable_clock_is_told_in_the_log(file):
    with capture_logs() as logs:
        assert isinstance(clock_of("a-told-service"), MappedClock)
    assert [line["log_level"] for line in logs] == ["warning"]


def test_an_alarm_holds_while_the_clock_is_moved(file):
    clock_of("a-moved-service")
    assert alarm("a-moved-service") == 0
    move_clock(file, timedelta(days=1))
    assert alarm("a-moved-service") == 1
    move_clock(file, -timedelta(days=1))
    assert alarm("a-moved-service") == 0


@pytest.mark.parametrize("elsewhere", ["kafka.mairie.example:9092", "127.0.0.1:9092,10.0.0.7:9092", "kafka"])
def test_where_the_broker_is_another_machine_no_clock_is_moved(file, monkeypatch, elsewhere):
    monkeypatch.setenv("GUICHET_KAFKA_BOOTSTRAP_SERVERS", elsewhere)
    with pytest.raises(SettingsError, match="GUICHET_CLOCK_FILE"):
        clock_of("case-router")
