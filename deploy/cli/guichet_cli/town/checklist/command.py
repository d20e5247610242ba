"""`guichet town checklist` and `guichet town done`: what is missing before the first real message."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from guichet.channel.host.errand import Request
from guichet.contracts.channels import Words
from guichet.law.calendar import paris_date
from guichet.town.load import load_town
from guichet.town.town import Town
from guichet_cli.console.command import operators_now, run
from guichet_cli.console.language import Language, words
from guichet_cli.town.check import files_of
from guichet_cli.town.checklist.attested import attested, read_done
from guichet_cli.town.checklist.note import note_done
from guichet_cli.town.checklist.seen import seen
from guichet_cli.town.findings import Finding, is_well, told
from guichet_cli.town.intake_code import MAIL_FILE, ask_intake
from guichet_cli.town.places import Places

Folder = Annotated[Path, typer.Argument(envvar="GUICHET_TOWN", help="The town's folder.")]
Town_ = Annotated[Path, typer.Option("--town", envvar="GUICHET_TOWN", help="The town's folder.")]
Name = Annotated[str, typer.Argument(help="What was done, as `guichet town checklist` calls it.")]
By = Annotated[str, typer.Option("--by", help="Who says so: a person's name.")]
On = Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="The day. Default: today.")]
Lang = Annotated[Language, typer.Option("--lang", help="Of what is said.")]


def checklist(folder: Folder, lang: Lang = Language.FRENCH) -> None:
    """Say what is done and what is missing before the first real message. Status 1 while something is."""
    findings = run(lambda: _findings(Places.of(folder)))
    for line in told(findings, lang):
        typer.echo(line)
    missing = sum(not is_well([each]) for each in findings)
    if missing:
        typer.echo(lang.of(missing_said(missing)))
        raise typer.Exit(1)
    typer.echo(lang.of(words("Tout y est : le premier message peut venir.", "All is there: it may begin.")))


def done(name: Name, by: By, town: Town_, on: On = None) -> None:
    """Note that something of the check list was done, by whom and when: in checklist.yaml of the town's folder."""
    day = on.date() if on else paris_date(operators_now())
    run(lambda: note_done(town, name, by, day))
    typer.echo(f"{name} : {by}, le {day:%d/%m/%Y}.")


def missing_said(missing: int) -> Words:
    """Return how many things are missing, in a sentence. Pure."""
    if missing == 1:
        return words("Il manque encore 1 chose.", "1 thing is missing.")
    return words(f"Il manque encore {missing} choses.", f"{missing} things are missing.")


async def _findings(places: Places) -> list[Finding]:
    environment = places.environment()
    files = await files_of(places.town, environment)
    if not is_well([files]):
        return [files]
    town = load_town(places.town)
    listed = await ask_intake(places.town, Request(ask="act", name=MAIL_FILE), environment)
    secrets = [line.split()[1] for line in listed.lines]
    found = seen(town, environment, [*secrets, *_asked(town)], _texts(places.town), paris_date(operators_now()))
    return [files, *found, *attested(town, read_done(places.town))]


def _asked(town: Town) -> list[str]:
    """Return the variables that the accounts of the open channels ask for."""
    accounts = {facts.provider: facts.account for facts in town.facts.values() if facts.account is not None}
    open_now = [town.facts[name] for name in town.channels]
    asked = [each for facts in open_now if (account := accounts.get(facts.provider)) for each in account.asked]
    return [each.variable for each in asked if each.channel is None or each.channel in town.channels]


def _texts(folder: Path) -> dict[str, str]:
    return {each.name: each.read_text("utf-8") for each in sorted(folder.glob("*.yaml"))}
