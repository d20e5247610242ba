"""Which provider accounts a town has a use for, by what the channels say that it switched on."""

import pytest

from guichet.contracts.channels import ChannelFacts, KnownChannels
from guichet.errors import SettingsError
from guichet.town.own_accounts import every_own_account, own_accounts_of

WORDS = {"fr": "Pigeon", "en": "Pigeon"}
KIND = {"name": "ring", "title": WORDS, "example": "FR-1"}
SHORT = {"kind": KIND, "form": "short", "longest": 160}
SAID = {"local": {"GUICHET_LOFT_TOKEN": "{token:9}"}}


def a_channel(name: str, **more: object) -> ChannelFacts:
    return ChannelFacts.model_validate({"name": name, "title": WORDS, "icon": "M0 0", "provider": "loft"} | more)


def known(*channels: ChannelFacts, others: tuple[str, ...] = ()) -> KnownChannels:
    return KnownChannels({each.name: each for each in channels}, others)


def test_one_that_takes_in_or_sends_is_used_and_no_other() -> None:
    channels = known(
        a_channel("pigeon", topic="inbound-social"),
        a_channel("kite", provider="kite", answered_on="kite", **SHORT),
        a_channel("letter", provider="by-hand"),
        a_channel("raven", provider="raven", topic="inbound-social"),
    )
    used = {each.provider: each for each in own_accounts_of(["pigeon", "kite", "letter"], channels)}
    assert used.keys() == {"loft", "kite"}
    assert (used["loft"].topics, used["loft"].sends) == ({"inbound-social": ("Pigeon",)}, False)
    assert (used["kite"].topics, used["kite"].sends) == ({}, True)


def test_what_is_not_part_of_guichet_is_no_account_of_its_own() -> None:
    assert own_accounts_of(["pigeon"], known(a_channel("pigeon", topic="inbound-social"), others=("pigeon",))) == ()


def test_what_one_channel_says_of_the_account_counts_for_all() -> None:
    channels = known(a_channel("pigeon", topic="inbound-social"), a_channel("post", account=SAID))
    [account] = own_accounts_of(["pigeon"], channels)
    assert account.facts.local == {"GUICHET_LOFT_TOKEN": "{token:9}"}


def test_two_that_say_it_are_told_apart_by_nobody() -> None:
    channels = known(a_channel("pigeon", topic="inbound-social", account=SAID), a_channel("post", account=SAID))
    with pytest.raises(SettingsError, match="channels pigeon and post share an account"):
        own_accounts_of(["pigeon"], channels)


def test_a_town_with_every_channel_uses_each_account_of_guichet_s() -> None:
    assert {each.provider for each in every_own_account()} == {"app-webhook", "mail", "telegram", "twilio"}
