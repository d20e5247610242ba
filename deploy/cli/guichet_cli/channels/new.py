"""`guichet channels new`: a channel's package, written and run."""

from pathlib import Path
from typing import Annotated

import typer

from guichet.errors import SettingsError
from guichet.town.channel_facts import installed_facts
from guichet_cli.channels.scaffold.names import Names
from guichet_cli.channels.scaffold.proofs import ProofName
from guichet_cli.channels.scaffold.run import begin_repository, can_run, put_in_form, run_tests
from guichet_cli.channels.scaffold.write import TO_TYPE, Wish, to_type, write_package
from guichet_topology.own_names import reasons_against
from guichet_topology.services import prefix_of


def new(
    name: Annotated[str, typer.Argument(help="The channel's name: lower-case letters, digits, hyphens.")],
    proof: Annotated[
        ProofName, typer.Option(help="How the provider shows that a payload is its own.")
    ] = ProofName.STANDARD_WEBHOOKS,
    both_ways: Annotated[bool, typer.Option("--both-ways", help="Citizens are answered on it.")] = False,
    of_guichet: Annotated[
        bool,
        typer.Option("--of-guichet", help="It is to be part of Guichet (shared/channels)."),
    ] = False,
    into: Annotated[Path | None, typer.Option(help="The folder of the package; by default NAME, here.")] = None,
) -> None:
    """Write a package for a channel, run its tests, and say what is left to type. Status 1 where a test fails."""
    try:
        wish = Wish(Names(name), proof, both_ways, of_guichet)
        if not of_guichet:
            _require_free(name)
        folder = (into or Path(name)).resolve()
        write_package(wish, folder)
        put_in_form(folder)
    except SettingsError as exc:
        typer.echo(str(exc), err=True)
        raise typer.Exit(1) from exc
    begun = begin_repository(folder)
    typer.echo(f"{folder} is written{', a git repository of which nothing is committed yet' if begun else ''}.")
    if proof is ProofName.NONE:
        typer.echo(
            "Nobody vouches for who writes on it: anybody who knows the address can write in anybody's name."
            " Ask the provider for a signature."
        )
    if not can_run():
        typer.echo(f"Its tests were not run: guichet-testing is not installed here. Run: cd {folder} && pytest tests")
    elif not run_tests(folder):
        raise typer.Exit(1)
    _say_what_is_left(folder)


def _require_free(name: str) -> None:
    """Raise SettingsError, before anybody types a line, for a name under which `enable` would refuse the package."""
    if name in installed_facts():
        raise SettingsError(f"{name} is a channel of Guichet's own: call yours otherwise.")
    if "." in name:
        raise SettingsError(f"{name} has a dot, which no variable may have: call the channel otherwise.")
    if reason := next(reasons_against((prefix_of(name),)), None):
        raise SettingsError(f"no channel of another package may be called {name}: {reason}.")


def _say_what_is_left(folder: Path) -> None:
    typer.echo(f"Left to type, each place marked {TO_TYPE} (docs/adding-a-channel.md):")
    for place in to_type(folder):
        typer.echo(f"  {place.file.relative_to(folder)}:{place.line}  {place.what}")
