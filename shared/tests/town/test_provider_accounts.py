"""How fast each account of a town may be written to."""

from dataclasses import replace

import pytest

from guichet.contracts.channels import Sending
from guichet.town import Town
from guichet.town.policies import ChannelPolicy
from guichet.town.provider_accounts import accounts_of, paced
from guichet_testing.builders.example_town import the_example_town


def town_with(**per_second: float) -> Town:
    town = the_example_town()
    return replace(
        town,
        channels={name: ChannelPolicy.model_validate({"per_second": per_second.get(name)}) for name in town.channels},
    )


def test_what_the_facts_say_holds_where_the_town_says_nothing() -> None:
    town = town_with()
    assert accounts_of(town)["twilio"] == town.facts["sms"].sending


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
def test_what_the_town_says_of_one_channel_is_said_of_the_account_that_carries_it(channel: str) -> None:
    accounts = accounts_of(town_with(**{channel: 0.5}))
    assert (accounts["twilio"].per_second, accounts["twilio"].burst) == (0.5, 1)
    assert accounts["telegram"] == accounts_of(town_with())["telegram"]


def test_the_rest_of_how_it_is_used_stays() -> None:
    sending = Sending(per_second=10, burst=10, at_once=4, repeats=2)
    assert paced(sending, None) == sending
    assert paced(sending, 100) == sending.model_copy(update={"per_second": 100, "burst": 100})
