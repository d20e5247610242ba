"""`guichet town init`: ask, one thing at a time, and write a town's folder and the settings file that go together."""

from pathlib import Path
from typing import Annotated

import typer

from guichet.errors import SettingsError
from guichet.town.channel_facts import known_channels
from guichet_cli.console.command import run
from guichet_cli.console.language import Language, words
from guichet_cli.town.answers import Answers
from guichet_cli.town.interview import Interview
from guichet_cli.town.places import USUAL_TOWN, Places
from guichet_cli.town.write import write_town

Folder = Annotated[Path, typer.Argument(help="The town's folder, which is made.")]
Given = Annotated[
    Path | None, typer.Option("--answers", help="Answers, written by hand or of before: nothing is asked.")
]
Settings = Annotated[Path | None, typer.Option("--settings", help="The settings file. Default: guichet.env beside.")]
Secrets = Annotated[Path | None, typer.Option("--secrets", help="Default: secrets/given.env beside.")]
Lang = Annotated[Language, typer.Option("--lang", help="Of the questions.")]


def init(
    folder: Folder = USUAL_TOWN,
    answers: Given = None,
    settings: Settings = None,
    secrets: Secrets = None,
    lang: Lang = Language.FRENCH,
) -> None:
    """Describe a town: answer questions, one at a time, and have its folder and settings written.

    Each answer is kept at once, in FOLDER.answers.yaml: stopped, it goes on where it was. `<` takes one back. Nothing
    that is there already is written over.
    """
    run(lambda: _init(Places.of(folder, settings, secrets), answers, lang))


async def _init(places: Places, by_hand: Path | None, lang: Language) -> None:
    _refuse_a_town(places.town, lang)
    answers = Answers(by_hand or places.answers, places.secrets)
    asked = Interview(answers, known_channels(places.town), lang)
    if by_hand is None:
        asked.ask_all()
    else:
        asked.read_all()
    needed = tuple(each.variable for each in asked.order() if each.variable is not None)
    for line in (await write_town(places, answers.given, answers.secrets, needed)).told(lang):
        typer.echo(line)


def _refuse_a_town(folder: Path, lang: Language) -> None:
    if (folder / "town.yaml").exists():
        said = words(
            f"{folder} décrit déjà une ville : modifiez ses fichiers (« guichet town check » dit s’ils sont justes), "
            "ou nommez un autre dossier.",
            f"{folder} describes a town already: change its files (`guichet town check` says whether they are right), "
            "or name another folder.",
        )
        raise SettingsError(lang.of(said))
