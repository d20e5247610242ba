"""`guichet words`: what the town writes to citizens, to be read, counted and tried before anybody gets it."""

import secrets
from pathlib import Path
from typing import Annotated, Final

import typer

from guichet.channel.host.errand import Request
from guichet.channel.word_previews import KINDS, WordPreview, previews, why_none
from guichet.contracts.channels import Form
from guichet.contracts.inbound import ChannelName
from guichet.errors import GuichetError, SettingsError
from guichet.ids import ProcedureId
from guichet.law.calendar import paris_date
from guichet.town.load import load_town
from guichet.town.texts import TEMPLATES
from guichet.town.town import Town
from guichet_cli.console.command import command_group, operators_now, run
from guichet_cli.console.language import Language, words
from guichet_cli.town.intake_code import ask_intake
from guichet_cli.town.places import Places
from guichet_cli.words.lines import listed, shown, trial_text

TRIAL: Final = "words-trial"

Folder = Annotated[Path, typer.Option("--town", envvar="GUICHET_TOWN", help="The town's folder.")]
Kind = Annotated[str | None, typer.Argument(metavar="KIND", help="Of which letter; without it, of all.")]
OneKind = Annotated[str, typer.Argument(metavar="KIND", help="Of which letter, such as receipt.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="Of a template, such as receipt_mail.")]
Channel = Annotated[
    str | None, typer.Option("--channel", help="For which it is written; the first of the town’s that takes mails.")
]
Procedure = Annotated[str | None, typer.Option("--procedure", help="Of the case that it is about.")]
To = Annotated[str, typer.Option("--to", metavar="ADDRESS", help="A mailbox of the town's or of an agent's.")]
Lang = Annotated[Language, typer.Option("--lang", help="Of what is said; letters are as they leave.")]

_DEMONSTRATION: Final = words(
    "Cette ville est une démonstration (town.yaml) : rien n’en part, pas même un essai.",
    "This town is a demonstration (town.yaml): nothing leaves it, not even a trial.",
)
_NOT_OURS: Final = words(
    "Un essai ne part que vers une boîte de la ville (town.yaml) ou d’un agent (agents.yaml, work_email).",
    "A trial goes to a mailbox of the town (town.yaml) or of an agent (agents.yaml, work_email) alone.",
)
_SENT: Final = words("L’essai est parti vers {}.", "The trial has left for {}.")
_NO_SUCH: Final = words("Il n’y a pas de modèle {} ; il y a : {}.", "There is no template {}; there are: {}.")
_NOBODY_SENDS: Final = words("aucun canal connu ici n’envoie de courriel.", "no channel that is known here sends mail.")

app = command_group("Look at what the town writes to citizens, and try it.")


@app.command("list")
def list_(folder: Folder, lang: Lang = Language.FRENCH) -> None:
    """List the kinds of letters, each with its templates and their versions."""
    town = _town(folder)
    for line in listed(town, lang):
        typer.echo(line)


@app.command()
def preview(
    folder: Folder,
    kind: Kind = None,
    channel: Channel = None,
    procedure: Procedure = None,
    lang: Lang = Language.FRENCH,
) -> None:
    """Print a letter as a citizen would read it, with invented values: its words, length, SMS and cost.

    Nothing is sent, and nobody's case is read. Status 1 if there is no such letter.
    """
    town, of = _town(folder), None if procedure is None else ProcedureId(procedure)
    channel = channel or _usual(town)
    for each in [kind] if kind is not None else [each for each in KINDS if why_none(town, each, channel, of) is None]:
        for line in shown(each, _letters(town, each, channel, of, lang), lang):
            typer.echo(line)


@app.command()
def source(name: Name, folder: Folder, lang: Lang = Language.FRENCH) -> None:
    """Print a template as its file has it: what Guichet brings along is a beginning for the town's own."""
    texts = _town(folder).texts.base
    if name not in TEMPLATES:
        typer.echo(lang.of(_NO_SUCH).format(name, ", ".join(TEMPLATES)), err=True)
        raise typer.Exit(1)
    typer.echo(getattr(texts, name).path.read_text("utf-8"), nl=False)


@app.command("send-test")
def send_test(
    kind: OneKind,
    to: To,
    folder: Folder,
    channel: Channel = None,
    procedure: Procedure = None,
    lang: Lang = Language.FRENCH,
) -> None:
    """Send a letter with invented values to a mailbox of the town's or of an agent's, by the town's own relay.

    Its subject says that it is a trial; what would go by SMS or chat comes in the mail. No citizen can get one.
    """
    run(lambda: _send(Places.of(folder), kind, to, channel, procedure, lang))
    typer.echo(lang.of(_SENT).format(to))


async def _send(places: Places, kind: str, to: str, channel: str | None, procedure: str | None, lang: Language) -> None:
    town = load_town(places.town)
    of = None if procedure is None else ProcedureId(procedure)
    letter = _letters(town, kind, channel or _usual(town), of, lang)[0]
    if town.demonstration:
        raise SettingsError(lang.of(_DEMONSTRATION))
    if to not in town.trial_mailboxes(paris_date(operators_now())):
        raise SettingsError(lang.of(_NOT_OURS))
    message_id = f"<guichet-{secrets.token_hex(16)}@{town.domain}>"
    request = Request(ask="act", name=TRIAL, words=(message_id, to, letter.subject or kind, trial_text(letter)))
    answer = await ask_intake(places.town, request, places.environment())
    if answer.verdict != "done":
        raise GuichetError("\n".join(answer.lines) or lang.of(_NOBODY_SENDS))


def _letters(
    town: Town, kind: str, channel: str, procedure: ProcedureId | None, lang: Language
) -> tuple[WordPreview, ...]:
    if (why := why_none(town, kind, channel, procedure)) is not None:
        typer.echo(lang.of(why), err=True)
        raise typer.Exit(1)
    return previews(town, kind, channel, procedure)


def _usual(town: Town) -> ChannelName:
    """Return the channel of which a letter is shown, unless somebody names one."""
    names: list[ChannelName] = [*town.channels, *town.facts]
    return next(name for name in names if town.facts[name].form is Form.MAIL)


def _town(folder: Path) -> Town:
    try:
        return load_town(folder)
    except GuichetError as exc:
        typer.echo(str(exc), err=True)
        raise typer.Exit(1) from exc
