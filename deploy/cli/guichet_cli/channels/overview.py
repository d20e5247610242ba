"""`guichet channels list`: which channels are known here, which of them the town switched on, and who brings each."""

from collections.abc import Iterator

import typer

from guichet.contracts.channels import KnownChannels
from guichet.runtime.settings import read_settings
from guichet.town.channel_facts import known_channels
from guichet.town.policies import ChannelList
from guichet.town.yaml_file import read_yaml
from guichet_cli.channels.differences import differences
from guichet_cli.channels.enable import EnableSettings
from guichet_cli.console.command import run


def list_channels() -> None:
    """Name every channel that is known here. Status 1 where a package and the town's files have come apart."""
    if not run(_list):
        raise typer.Exit(1)


async def _list() -> bool:
    settings = read_settings(EnableSettings)
    town = read_yaml(settings.town / "channels.yaml").parse(ChannelList)
    for line in lines(town, known_channels(settings.town)):
        typer.echo(line)
    apart = [*differences(settings.town, settings.channel_packages)]
    for sentence in apart:
        typer.echo(sentence)
    return not apart


def lines(town: ChannelList, known: KnownChannels) -> Iterator[str]:
    """Return a line a channel: its name, whether it is switched on, its account, its package. Pure."""
    for name, facts in sorted(known.items()):
        policy = town.channels.get(name)
        of = "Guichet" if name not in known.of_other_packages else (policy and policy.package) or "another package"
        yield f"{name:<16} {'on' if policy else 'off':<4} {facts.provider:<16} {of}"
