"""`guichet clocks`: the law's clocks of a case, or of one that somebody wrote down, by what Guichet counts with."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Final

import typer

from guichet.case.legal_facts import facts_of
from guichet.errors import GuichetError
from guichet.ids import Reference
from guichet.law.calendar import paris_date
from guichet.law.clocks.case_clocks import case_clocks
from guichet.law.clocks.facts import LegalFact
from guichet.law.clocks.rules import TownRules
from guichet.mongo.client import closing, connect
from guichet.runtime.settings import MongoSettings, TownSettings, read_settings
from guichet.store.cases.store import CaseStore, MongoCaseStore
from guichet.town.load import load_town
from guichet.town.town import Town
from guichet_cli.clocks.answer import as_json, as_text
from guichet_cli.clocks.fields import UnreadableError, day
from guichet_cli.clocks.history_file import read_history
from guichet_cli.console.command import operators_now, run
from guichet_cli.console.language import Language, words
from guichet_cli.console.terminal_text import on_one_line

Ref = Annotated[str | None, typer.Argument(metavar="REFERENCE", help="Of a case of the town's, as its receipt has it.")]
File = Annotated[Path | None, typer.Option("--history", help="Instead: a history, as JSON Lines: docs/clocks.md.")]
On = Annotated[str | None, typer.Option("--on", metavar="YYYY-MM-DD", help="As of which day; today, if none is given.")]
Json = Annotated[bool, typer.Option("--json", help="The answer as JSON, in both languages.")]
Lang = Annotated[Language, typer.Option("--lang", help="Of what is said.")]

_ONE_OF_BOTH: Final = words(
    "Donnez la référence d’une demande, ou --history et un fichier.",
    "Give a case’s reference, or --history and a file.",
)
_NO_SUCH_CASE: Final = words(
    "Aucune demande {}, ou elle est en cours d’effacement.", "There is no case {}, or a person of it is being erased."
)


def clocks(
    reference: Ref = None,
    history: File = None,
    on: On = None,
    in_json: Json = False,
    lang: Lang = Language.FRENCH,
) -> None:
    """Say how the law's clocks of a case stand on a day: what is due, what silence decides, and by which rule.

    It changes nothing and shows no person. Of a history it needs neither store nor town. Status 1 if there is no such
    case, or a line of the history is wrong.
    """
    if (reference is None) is (history is None):
        typer.echo(lang.of(_ONE_OF_BOTH), err=True)
        raise typer.Exit(2)
    as_of = _as_of(on, lang)
    facts, rules = _of_history(history, lang) if history is not None else _of_case(str(reference), lang)
    found = case_clocks(facts, rules, as_of)
    if in_json:
        typer.echo(json.dumps(as_json(found), ensure_ascii=False, indent=2))
        return
    for line in as_text(found, lang):
        typer.echo(line)


def _of_case(reference: str, lang: Language) -> tuple[Sequence[LegalFact], TownRules]:
    found = run(lambda: _stored(reference.strip().upper()))
    if found is None:
        typer.echo(lang.of(_NO_SUCH_CASE).format(on_one_line(reference)), err=True)
        raise typer.Exit(1)
    return found


async def _stored(reference: str) -> tuple[Sequence[LegalFact], TownRules] | None:
    town = load_town(read_settings(TownSettings).town)
    with closing(connect(read_settings(MongoSettings))) as database:
        return await facts_of_case(MongoCaseStore(database), reference, town)


async def facts_of_case(store: CaseStore, reference: str, town: Town) -> tuple[Sequence[LegalFact], TownRules] | None:
    """Return what a case's clocks are reckoned from; None: there is none, or it goes. Raises TransientError."""
    case = (await store.find_by_references([Reference(reference)])).get(Reference(reference))
    if case is None:
        return None
    return facts_of(case, town), town.clock_rules


def _of_history(history: Path, lang: Language) -> tuple[Sequence[LegalFact], TownRules]:
    read = read_history(history)
    for complaint in read.complaints:
        typer.echo(complaint.in_words(history, lang), err=True)
    if read.complaints:
        raise typer.Exit(1)
    return read.facts, read.rules


def _as_of(on: str | None, lang: Language) -> date:
    try:
        return paris_date(operators_now()) if on is None else day(on)
    except UnreadableError as exc:
        typer.echo(f"--on: {lang.of(exc.said)}", err=True)
    except GuichetError as exc:
        typer.echo(str(exc), err=True)
    raise typer.Exit(1)
