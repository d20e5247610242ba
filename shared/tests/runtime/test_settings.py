import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AnyHttpUrl

from guichet.channel.host.discovery import load_channel
from guichet.errors import SettingsError
from guichet.runtime.settings import (
    EdgeSettings,
    HttpSettings,
    KafkaSettings,
    ServiceSettings,
    SettingsGroup,
    SharedSecret,
    TownSettings,
    read_settings,
)

KEYS = ("GUICHET_MESSAGE_ID_KEY", "GUICHET_INGEST_PSEUDONYM_KEY")


def test_a_missing_variable_is_named_with_its_remedy(monkeypatch):
    for variable in KEYS:
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(SettingsError, match=r"GUICHET_MESSAGE_ID_KEY is not set\. Set it"):
        read_settings(EdgeSettings)


def test_a_wrong_key_says_how_to_make_one_and_is_not_repeated(monkeypatch):
    for variable in KEYS:
        monkeypatch.setenv(variable, base64.b64encode(b"too-short").decode())
    with pytest.raises(SettingsError) as raised:
        read_settings(EdgeSettings)
    assert "9 bytes instead of 32; make one with: openssl rand -base64 32" in str(raised.value)
    assert base64.b64encode(b"too-short").decode() not in str(raised.value)


def test_a_wrong_port_names_variable_and_value(monkeypatch):
    monkeypatch.setenv("GUICHET_HTTP_PORT", "eighty")
    with pytest.raises(SettingsError, match="GUICHET_HTTP_PORT is 'eighty', which is wrong"):
        read_settings(HttpSettings)


class LoftSettings(SettingsGroup):
    loft_token: SharedSecret
    loft_url: AnyHttpUrl


def test_a_wrong_secret_is_not_repeated(monkeypatch):
    monkeypatch.setenv("GUICHET_LOFT_TOKEN", "s3cret-token")
    monkeypatch.setenv("GUICHET_LOFT_URL", "not a url")
    with pytest.raises(SettingsError) as raised:
        read_settings(LoftSettings)
    assert "s3cret-token" not in str(raised.value)


def test_a_blank_secret_that_proves_who_calls_is_refused(monkeypatch):
    monkeypatch.setenv("GUICHET_TELEGRAM_WEBHOOK_SECRET", "")
    with pytest.raises(SettingsError, match="GUICHET_TELEGRAM_WEBHOOK_SECRET is a secret, which is wrong"):
        read_settings(load_channel("telegram").provider.settings)


@given(st.binary(min_size=32, max_size=32))
def test_any_32_bytes_are_a_key(key):
    with pytest.MonkeyPatch.context() as patch:
        for variable in KEYS:
            patch.setenv(variable, base64.b64encode(key).decode())
        assert read_settings(EdgeSettings).message_id_key.get_secret_value() == key


class KioskSettings(ServiceSettings, TownSettings):
    kafka: KafkaSettings
    edge: EdgeSettings
    http: HttpSettings
    kiosk_pages: int


def test_every_wrong_variable_is_told_whatever_group_it_is_of(monkeypatch):
    monkeypatch.setenv("GUICHET_KAFKA_SECURITY", "sasl_ssl")
    monkeypatch.setenv("GUICHET_KAFKA_USERNAME", "kiosk")
    monkeypatch.setenv("GUICHET_MESSAGE_ID_KEY", "s3cret")
    monkeypatch.setenv("GUICHET_HTTP_PORT", "eighty")
    with pytest.raises(SettingsError) as raised:
        read_settings(KioskSettings)
    told = {line.split()[0] for line in str(raised.value).splitlines()}
    assert told == {
        "GUICHET_TOWN",
        "GUICHET_KAFKA_PASSWORD",
        "GUICHET_MESSAGE_ID_KEY",
        "GUICHET_INGEST_PSEUDONYM_KEY",
        "GUICHET_HTTP_PORT",
        "GUICHET_KIOSK_PAGES",
    }
    assert "s3cret" not in str(raised.value)
    assert "GUICHET_HTTP_PORT is 'eighty', which is wrong" in str(raised.value)


def test_a_group_has_no_variable_of_its_own(monkeypatch):
    for variable in KEYS:
        monkeypatch.setenv(variable, base64.b64encode(bytes(32)).decode())
    for name, value in {"TOWN": "/tmp", "KIOSK_PAGES": "3", "KAFKA": "nobody reads this", "HTTP_PORT": "8080"}.items():
        monkeypatch.setenv(f"GUICHET_{name}", value)
    read = read_settings(KioskSettings)
    assert (read.kiosk_pages, read.http.http_port, str(read.town)) == (3, 8080, "/tmp")
    assert read.edge.message_id_key.get_secret_value() == bytes(32)
