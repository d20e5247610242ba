import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.errors import SettingsError
from guichet.runtime.settings import EdgeSettings, HttpSettings, TelegramSettings, TwilioSettings, read_settings

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


def test_a_wrong_secret_is_not_repeated(monkeypatch):
    monkeypatch.setenv("GUICHET_TWILIO_AUTH_TOKEN", "s3cret-token")
    monkeypatch.setenv("GUICHET_TWILIO_API_URL", "not a url")
    with pytest.raises(SettingsError) as raised:
        read_settings(TwilioSettings)
    assert "s3cret-token" not in str(raised.value)


def test_a_blank_secret_that_proves_who_calls_is_refused(monkeypatch):
    monkeypatch.setenv("GUICHET_TELEGRAM_WEBHOOK_SECRET", "")
    with pytest.raises(SettingsError, match="GUICHET_TELEGRAM_WEBHOOK_SECRET is a secret, which is wrong"):
        read_settings(TelegramSettings)


@given(st.binary(min_size=32, max_size=32))
def test_any_32_bytes_are_a_key(key):
    with pytest.MonkeyPatch.context() as patch:
        for variable in KEYS:
            patch.setenv(variable, base64.b64encode(key).decode())
        assert read_settings(EdgeSettings).message_id_key.get_secret_value() == key
