"""`guichet clocks`: the law's clocks of a case that somebody wrote down, by the functions that Guichet counts with."""

import json
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from guichet.errors import GuichetError
from guichet.law.calendar import paris_date
from guichet.law.clocks.case_clocks import case_clocks
from guichet_cli.clocks.answer import as_json, as_text
from guichet_cli.clocks.fields import UnreadableError, day
from guichet_cli.clocks.history_file import read_history
from guichet_cli.console.command import operators_now
from guichet_cli.console.language import Language

File = Annotated[Path, typer.Option("--history", help="The history, as JSON Lines: docs/clocks.md.")]
On = Annotated[str | None, typer.Option("--on", metavar="YYYY-MM-DD", help="As of which day; today, if none is given.")]
Json = Annotated[bool, typer.Option("--json", help="The answer as JSON, in both languages.")]
Lang = Annotated[Language, typer.Option("--lang", help="Of what is said.")]


def clocks(history: File, on: On = None, in_json: Json = False, lang: Lang = Language.FRENCH) -> None:
    """Say how the law's clocks of a case stand on a day: what is due, what silence decides, and by which rule.

    It needs no store and no broker, and changes nothing. Status 1 if a line of the history is wrong.
    """
    as_of = _as_of(on, lang)
    read = read_history(history)
    for complaint in read.complaints:
        typer.echo(complaint.in_words(history, lang), err=True)
    if read.complaints:
        raise typer.Exit(1)
    found = case_clocks(read.facts, read.rules, as_of)
    if in_json:
        typer.echo(json.dumps(as_json(found), ensure_ascii=False, indent=2))
        return
    for line in as_text(found, lang):
        typer.echo(line)


def _as_of(on: str | None, lang: Language) -> date:
    try:
        return paris_date(operators_now()) if on is None else day(on)
    except UnreadableError as exc:
        typer.echo(f"--on: {lang.of(exc.said)}", err=True)
    except GuichetError as exc:
        typer.echo(str(exc), err=True)
    raise typer.Exit(1)
