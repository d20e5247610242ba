"""`guichet citizens find`: which registry id an address or a case's reference leads to, without showing anybody."""

import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated

import typer

from guichet.ids import Reference
from guichet.mongo.client import closing, connect
from guichet.runtime.settings import MongoSettings, SecretKey, TownSettings, read_settings
from guichet.store.audit.trail import MongoAuditTrail
from guichet.store.cases.store import MongoCaseStore
from guichet.store.registry.identifiers import MongoIdentifierStore
from guichet.store.registry.reader import MongoCitizenReader
from guichet.town.channel_facts import known_channels
from guichet_cli.citizens.search import CitizenSearch, FoundCitizen
from guichet_cli.console.command import command_group, operator, run
from guichet_cli.console.prompt import prompt

app = command_group("Find whom the registry knows.")

Search = Callable[[CitizenSearch], Awaitable[Sequence[FoundCitizen]]]


class SearchSettings(MongoSettings, TownSettings):
    """registry_key, sector_key: the router's; without them no address and no case leads to a citizen."""

    registry_key: SecretKey
    sector_key: SecretKey


@app.command()
def find(
    reference: Annotated[str | None, typer.Option(help="Of a case (2026-7F3K-29Q); else an address is asked.")] = None,
) -> None:
    """Tell the ids of the citizens whom an address or a case leads to, their state and how they are reached.

    The address (mail, phone, id on a network) is asked, never an argument: it stays out of the shell's history and the
    list of processes. Every search stands in the audit trail.
    """
    if reference is None:
        address = _address()
        found = run(lambda: _search(lambda search: search.by_address(address)))
    else:
        found = run(lambda: _search(lambda search: search.by_reference(Reference(reference.strip().upper()))))
    if not found:
        typer.echo("Nobody is found.", err=True)
        raise typer.Exit(1)
    for citizen in found:
        typer.echo(_line(citizen))


def _address() -> str:
    """Ask at a terminal, without showing what is typed; a script may hand it over through a pipe."""
    if sys.stdin.isatty():
        return prompt("Address (not shown)", hide_input=True, err=True)
    return sys.stdin.readline().strip()


async def _search(search: Search) -> Sequence[FoundCitizen]:
    settings = read_settings(SearchSettings)
    with closing(connect(settings)) as database:
        return await search(
            CitizenSearch(
                citizens=MongoCitizenReader(database),
                identifiers=MongoIdentifierStore(database),
                cases=MongoCaseStore(database),
                audit=MongoAuditTrail(database),
                registry_key=settings.registry_key.get_secret_value(),
                sector_key=settings.sector_key.get_secret_value(),
                by=operator(),
                kinds=known_channels(settings.town).kinds.keys(),
            )
        )


def _line(citizen: FoundCitizen) -> str:
    kinds = ", ".join(citizen.kinds) or "no address"
    return f"{citizen.citizen_id}  {citizen.state or 'not in the registry'}  {kinds}"
