"""Whose code runs where, found by the channels' names."""

import pytest

from guichet.channel.host.discovery import load_channel, providers_of
from guichet.errors import SettingsError


@pytest.mark.parametrize("names", [("portal", "email"), ("email", "portal")])
def test_a_channel_without_code_of_its_own_leaves_the_account_to_the_one_that_has(names: tuple[str, ...]) -> None:
    [mail] = providers_of(names)
    assert mail is load_channel("email").provider


@pytest.mark.parametrize("name", ["phone", "letter", "counter"])
def test_what_an_agent_enters_by_hand_is_opened_by_nobody(name: str) -> None:
    channel = load_channel(name)
    assert channel.facts.name == name
    assert (channel.facts.topic, channel.facts.is_electronic) == ("inbound-desk", False)
    assert (channel.provider.inbound, channel.provider.outbound) == ((), None)


def test_a_channel_that_nobody_brings_is_told_so() -> None:
    with pytest.raises(SettingsError, match="channel pigeon: no package"):
        load_channel("pigeon")
