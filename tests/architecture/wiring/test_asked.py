"""What `guichet town init` asks of a provider's account is what its settings need, and secrets are asked as such."""

from collections.abc import Iterator
from importlib.metadata import entry_points
from typing import Any

import pytest
from pydantic_settings import BaseSettings

from guichet.channel.host.discovery import load_channel
from guichet.town.channel_facts import GROUP, installed_facts

ASKED = {
    name: {each.variable: each for each in facts.account.asked}
    for name, facts in installed_facts().items()
    if facts.account is not None and facts.account.asked
}


def needed_by(settings: type[BaseSettings]) -> Iterator[tuple[str, Any]]:
    for name, field in settings.model_fields.items():
        yield f"{settings.model_config.get('env_prefix', '')}{name}".upper(), field


def test_every_account_that_needs_a_variable_asks_for_it() -> None:
    by_itself = {"mail"}  # whose questions are those of mailboxes and relay, not of an account
    for entry in entry_points(group=GROUP):
        provider = load_channel(entry.name).provider
        if provider.name in by_itself or installed_facts()[entry.name].account is None:
            continue
        asked = ASKED.get(entry.name, {})
        for group in (provider.settings, provider.sending_settings):
            needed = {name for name, field in needed_by(group) if field.is_required()}
            assert needed <= asked.keys(), f"{entry.name}: account.asked leaves out {needed - asked.keys()}"


@pytest.mark.parametrize("channel", sorted(ASKED))
def test_what_is_asked_is_read_and_a_secret_is_asked_as_one(channel: str) -> None:
    provider = load_channel(channel).provider
    fields = {**dict(needed_by(provider.settings)), **dict(needed_by(provider.sending_settings))}
    for variable, asked in ASKED[channel].items():
        assert variable in fields, f"{variable} is read by nobody"
        assert asked.is_secret == ("Secret" in repr(fields[variable].annotation)), variable
