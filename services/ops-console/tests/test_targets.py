from dataclasses import replace

import httpx
import pytest

from guichet.errors import SettingsError
from guichet.runtime.settings import HttpSettings, read_settings
from guichet_testing.builders.example_town import the_example_town
from ops_console.app import build_senders, require_loopback
from ops_console.domain.targets import parse_targets
from ops_console.settings import OpsConsoleSettings


def test_pairs_become_a_mapping_in_their_order() -> None:
    text = "case-router=http://127.0.0.1:8021/, case-router-2=http://127.0.0.1:40123,"
    assert parse_targets(text) == {
        "case-router": "http://127.0.0.1:8021",
        "case-router-2": "http://127.0.0.1:40123",
    }


@pytest.mark.parametrize("text", ["case-router", "=http://x", "a=ftp://x", "a=127.0.0.1:8021", "a=http://x,a=http://y"])
def test_a_wrong_pair_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=r"name|service=URL"):
        parse_targets(text)


def test_a_wrong_target_stops_the_start_and_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUICHET_TOWN", "/tmp")
    monkeypatch.setenv("GUICHET_OPS_TARGETS", "case-router")
    with pytest.raises(SettingsError, match="GUICHET_OPS_TARGETS"):
        read_settings(OpsConsoleSettings)


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUICHET_TOWN", "/tmp")
    monkeypatch.setenv("GUICHET_OPS_TARGETS", "notifier=http://127.0.0.1:8022")
    assert read_settings(OpsConsoleSettings).ops_targets == {"notifier": "http://127.0.0.1:8022"}


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.4", "::", "console.mairie.example"])
def test_it_listens_on_loopback_only(host: str) -> None:
    with pytest.raises(SettingsError, match="SSH tunnel"):
        require_loopback(OpsConsoleSettings(town="/tmp", http=HttpSettings(http_host=host)))  # type: ignore[arg-type]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_loopback_is_well(host: str) -> None:
    require_loopback(OpsConsoleSettings(town="/tmp", http=HttpSettings(http_host=host)))  # type: ignore[arg-type]


def test_an_on_call_address_needs_a_relay() -> None:
    settings = OpsConsoleSettings(town="/tmp", oncall_email="a@mairie.example")  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="GUICHET_SMTP_HOST"):
        build_senders(settings, the_example_town(), http=None)  # type: ignore[arg-type]


async def test_nobody_is_on_call_for_a_demonstration() -> None:
    ways = {"oncall_email": "a@mairie.example", "smtp_host": "relay", "oncall_webhook_url": "https://chat.example/hook"}
    settings = OpsConsoleSettings(town="/tmp", **ways)  # type: ignore[arg-type]
    town = the_example_town()
    async with httpx.AsyncClient() as http:
        assert len(build_senders(settings, town, http)) == 2
        assert build_senders(settings, replace(town, demonstration=True), http) == []


def test_a_container_s_own_address_is_well_where_its_port_is_published_on_loopback() -> None:
    http = HttpSettings(http_host="0.0.0.0")
    require_loopback(OpsConsoleSettings(town="/tmp", http=http, ops_published="loopback"))  # type: ignore[arg-type]
