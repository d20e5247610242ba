"""`guichet channels enable|disable NAME`: switch a channel on or off in the town's files, and install it if need be."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from guichet.contracts.channels import Voucher
from guichet.contracts.inbound import ChannelName
from guichet.errors import SettingsError
from guichet.runtime.settings import TownSettings, read_settings
from guichet.town.channel_facts import FOLDER, installed_facts, known_channels
from guichet.town.policies import ChannelList
from guichet.town.third_parties import ThirdParty
from guichet.town.yaml_file import read_yaml
from guichet_cli.channels.admission import checked
from guichet_cli.channels.channels_file import with_channel, without_channel
from guichet_cli.channels.packages import Package, installing, read_package
from guichet_cli.console.command import run
from guichet_topology.services import prefix_of
from guichet_topology.third_parties import services_of

Name = Annotated[str, typer.Argument(help="The channel's name, as its package announces it.")]
From = Annotated[
    str | None,
    typer.Option(
        "--from", help="Of a channel that is not part of Guichet: a wheel, a project's folder, or name==version."
    ),
]


class EnableSettings(TownSettings):
    """channel_packages: the folder with a folder for each channel that is not part of Guichet."""

    channel_packages: Path


def enable(name: Name, source: From = None) -> None:
    """Switch a channel on, installed first where it is not part of Guichet. Services know it after their next start."""
    run(lambda: _enable(name, source))


def disable(name: Name) -> None:
    """Switch a channel off. What is known of it stays: old cases keep their words."""
    run(lambda: _disable(name))


async def _enable(name: ChannelName, source: str | None) -> None:
    settings = read_settings(EnableSettings)
    if name in installed_facts():
        if source is not None:
            raise SettingsError(f"{name} is a channel of Guichet's own: it takes no package (leave --from out).")
        _write(
            settings.town,
            with_channel(_read(settings.town), name, is_conversation=installed_facts()[name].is_conversation),
        )
        typer.echo(f"{name} is switched on in {settings.town / 'channels.yaml'}.")
        variables = " and ".join(f"{each}…" for each in installed_facts()[name].prefixes)
        typer.echo(f"Set the variables {variables} (docs/operations.md), and restart.")
        return
    place = settings.channel_packages / name
    was_on = name in read_yaml(settings.town / "channels.yaml").parse(ChannelList).channels
    if source is None and not place.exists():
        raise SettingsError(f"{name} is no channel of Guichet's own: say where its package is (--from).")
    if source is None:
        package, party = _adopt(settings.town, name, place)
    else:
        with installing(name, source, settings.channel_packages) as staging:
            package, party = _adopt(settings.town, name, staging)
    for line in (*_done(package, settings, name), *_left_to_do(party, name, was_on=was_on)):
        typer.echo(line)


def _adopt(town: Path, name: ChannelName, folder: Path) -> tuple[Package, ThirdParty]:
    """Take a package's facts into the town's files once they are found to be in order. Raises SettingsError."""
    package = read_package(name, folder)
    party = checked(package.facts, known_channels(town), read_yaml(town / "channels.yaml").parse(ChannelList))
    text = with_channel(_read(town), name, package.name, is_conversation=package.facts.is_conversation)
    (town / FOLDER).mkdir(exist_ok=True)
    (town / FOLDER / f"{name}.yaml").write_bytes(package.facts_file.read_bytes())
    _write(town, text)
    return package, party


async def _disable(name: ChannelName) -> None:
    town = read_settings(TownSettings).town
    _write(town, without_channel(_read(town), name))
    typer.echo(f"{name} is switched off in {town / 'channels.yaml'}: after a restart nothing comes in or leaves by it.")
    if name not in installed_facts():
        typer.echo(
            "`guichet prepare` takes its users' rights away. Its facts stay, for old cases, and so does its package."
        )


def _done(package: Package, settings: EnableSettings, name: ChannelName) -> Iterator[str]:
    kind = package.facts.kind
    yield f"{name} is enabled: {package.name}, in {settings.channel_packages / name}."
    yield f"What is known of it stands in {settings.town / FOLDER / name}.yaml."
    if package.facts.vouched_by is not Voucher.NOBODY and kind is not None:
        yield f"Who writes is believed as it says: from a registered {kind.name} address, a message is its owner's."


def _left_to_do(party: ThirdParty, name: ChannelName, *, was_on: bool) -> Iterator[str]:
    """was_on: the channel was enabled before, in another version perhaps."""
    if was_on:
        yield "Still to be done: restart the services (on the local stack: `make stop`, then `make run`)."
        yield f"A variable that this version needs and that misses is named by: guichet channels check {name}"
        return
    processes = " and ".join(each.name for each in services_of(party)) or "no process"
    yield "Still to be done on the local stack: `make stop`, then `make run`. It makes up the variables, users and"
    yield "passwords; what the facts do not say under `account`, it takes from its own environment."
    yield "Still to be done elsewhere:"
    yield f"- Set its variables, {prefix_of(party.provider)}…, for {processes} alone."
    yield f"  Those that miss are named by: guichet channels check {name}"
    if party.takes_in:
        yield f"- Run `guichet prepare`: it makes the user {party.host}."
    yield "- Restart the services: each reads the town's files at its start."


def _read(town: Path) -> str:
    read_yaml(town / "channels.yaml").parse(ChannelList)  # complains with its line, where something is wrong
    return (town / "channels.yaml").read_text(encoding="utf-8")


def _write(town: Path, text: str) -> None:
    (town / "channels.yaml").write_text(text, encoding="utf-8")
