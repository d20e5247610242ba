"""Find the code of channels. Only what runs it calls this: a host, a sender process, a check
(guichet.channel.declaration)."""

import sys
from collections.abc import Iterable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from guichet.channel.declaration import Channel, Provider
from guichet.contracts.inbound import ChannelName
from guichet.errors import SettingsError
from guichet.town.channel_facts import GROUP


def load_channel(name: ChannelName) -> Channel:
    """Return a channel's declaration, its package imported. Raises SettingsError where there is none, or it is
    broken."""
    found = entry_points(group=GROUP, name=name)
    if not found:
        raise SettingsError(f"channel {name}: no package that is installed here brings it. See: guichet channels list")
    try:
        channel = next(iter(found)).load()
    except Exception as exc:
        raise SettingsError(f"channel {name}: its package cannot be loaded ({type(exc).__name__}: {exc}).") from exc
    if not isinstance(channel, Channel):
        raise SettingsError(f"channel {name}: its entry point leads to {type(channel).__name__}, not to a Channel.")
    return channel


def providers_of(names: Iterable[ChannelName]) -> list[Provider[Any]]:
    """Return the providers of these channels, each once, in order. Raises SettingsError.

    A channel may say only whose account carries its answers (the portal's form: mail): then the account's own has the
    code.
    """
    found: dict[str, Provider[Any]] = {}
    for provider in (load_channel(name).provider for name in names):
        if provider.name not in found or provider.inbound or provider.outbound:
            found[provider.name] = provider
    return [*found.values()]


def use_packages_of(names: Iterable[ChannelName], folder: Path | None) -> None:
    """Let these channels' packages be found, which lie outside the installed environment: after all that is part of it.

    folder: has one folder a channel, with its package and what that needs.
    """
    for each in [] if folder is None else [str(folder / name) for name in names]:
        if each not in sys.path:
            sys.path.append(each)
