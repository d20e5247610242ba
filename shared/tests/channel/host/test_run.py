"""Which settings a host needs: those of the channels that it opens, and no others."""

from pathlib import Path

import pytest

from guichet.channel.declaration import Provider
from guichet.channel.host.run import name_to_begin_with, opened_here, with_settings
from guichet.contracts.topics import INBOUND_SMS, INBOUND_SOCIAL
from guichet.errors import SettingsError
from guichet.runtime.settings import SettingsGroup
from guichet.town.channel_facts import installed_facts
from guichet_testing.builders.example_town import the_example_town


class PigeonSettings(SettingsGroup):
    pigeon_ring: str
    pigeon_loft: str


class KiteSettings(SettingsGroup):
    kite_string: str


def test_every_variable_that_is_missing_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUICHET_PIGEON_LOFT", "7")
    with pytest.raises(SettingsError) as raised:
        with_settings([Provider("pigeon", PigeonSettings), Provider("kite", KiteSettings)])
    assert [line.split()[0] for line in str(raised.value).splitlines()] == [
        "GUICHET_PIGEON_RING",
        "GUICHET_KITE_STRING",
    ]
    monkeypatch.setenv("GUICHET_PIGEON_RING", "red")
    [(provider, settings)] = with_settings([Provider("pigeon", PigeonSettings)])
    assert (provider.name, settings) == ("pigeon", PigeonSettings(pigeon_ring="red", pigeon_loft="7"))


def test_a_third_party_s_host_has_its_own_name_before_any_setting_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "channels"
    folder.mkdir()
    facts = installed_facts()["letter"].model_copy(update={"name": "pigeon", "provider": "loft"})
    (folder / "pigeon.yaml").write_text(facts.model_dump_json(exclude_unset=True))
    monkeypatch.setenv("GUICHET_TOWN", str(tmp_path))
    assert name_to_begin_with("ingest-social") == "ingest-social"
    monkeypatch.setenv("GUICHET_CHANNELS", "pigeon")
    assert name_to_begin_with("ingest-social") == "ingest-loft"
    (folder / "pigeon.yaml").write_text("name: kite")
    assert name_to_begin_with("ingest-social") == "ingest-social", "who reads the settings says what is wrong"


def test_a_host_opens_what_the_town_switched_on_of_its_topic() -> None:
    town = the_example_town()
    assert opened_here(town, INBOUND_SOCIAL, ()) == ["telegram"]
    assert opened_here(town, INBOUND_SMS, ()) == ["sms", "whatsapp"]
    assert opened_here(town, INBOUND_SMS, ("whatsapp", "telegram")) == ["whatsapp"]


def test_a_host_that_is_told_a_channel_which_the_town_did_not_switch_on_does_not_start() -> None:
    with pytest.raises(
        SettingsError, match=r"GUICHET_CHANNELS names pigeoen, which .*channels\.yaml does not switch on"
    ):
        opened_here(the_example_town(), INBOUND_SMS, ("whatsapp", "pigeoen"))


def test_a_host_that_would_open_none_of_the_channels_it_is_told_does_not_start() -> None:
    with pytest.raises(
        SettingsError, match="GUICHET_CHANNELS names telegram, none of whose messages come in on inbound-sms"
    ):
        opened_here(the_example_town(), INBOUND_SMS, ("telegram",))
