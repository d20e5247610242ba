"""`guichet town check`: are the files right, and does each account take what the town gives it? Nothing is sent."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from guichet.channel.host.errand import Answer, Request
from guichet.errors import SettingsError
from guichet.town.channel_facts import known_channels
from guichet.town.demonstration import is_demonstration
from guichet.town.load import load_town
from guichet.town.migrations.run import version_of
from guichet.town.migrations.table import CURRENT
from guichet.town.policies import ChannelList
from guichet.town.town_map import load_town_map
from guichet.town.yaml_file import read_yaml
from guichet_cli.channels.accounts import Account, accounts_of
from guichet_cli.console.command import run
from guichet_cli.console.language import Language, words
from guichet_cli.mailbox.command import CHECK
from guichet_cli.town.findings import Finding, State, as_said, is_well, told
from guichet_cli.town.intake_code import MAIL_FILE, ask_intake
from guichet_cli.town.places import Places
from guichet_cli.town.staff_changed import staff_changed

Folder = Annotated[Path, typer.Argument(envvar="GUICHET_TOWN", help="The town's folder.")]
Lang = Annotated[Language, typer.Option("--lang", help="Of what is said.")]

_NOT_SET = words(
    "ouvert dans channels.yaml, mais aucune de ses variables n’est donnée : complétez-les (« guichet town init » les "
    "demande, .env.example les explique), ou fermez le canal.",
    "open in channels.yaml, but none of its variables is given: give them (`guichet town init` asks for them, "
    ".env.example explains them), or close the channel.",
)
_DEMONSTRATION = words("Démonstration (town.yaml)", "Demonstration (town.yaml)")
_NOTHING_IS_TRIED = words(
    "aucun compte n’est ouvert ni essayé, aucune boîte n’est relevée : rien n’est envoyé à personne.",
    "no account is opened or tried, no mailbox is read: nothing is sent to anybody.",
)
_UNTRIED = words("son paquet n’essaie rien : rien n’est vérifié.", "its package tries nothing: nothing was verified.")


def check(folder: Folder, lang: Lang = Language.FRENCH) -> None:
    """Say of the town's files and of each of its accounts, in a sentence, what is wrong. Sends nothing to anybody.

    Where the store can be asked, it also says what of the staff was changed since the files were written.

    Variables are read from the settings and secrets beside the folder, too. Status 1 if anything is wrong.
    """
    findings = run(lambda: findings_of(Places.of(folder)))
    for line in told(findings, lang):
        typer.echo(line)
    if not is_well(findings):
        raise typer.Exit(1)


async def findings_of(places: Places) -> list[Finding]:
    """Return what is found; of accounts nothing, while the files are wrong."""
    environment = places.environment()
    files = await files_of(places.town, environment)
    if not is_well([files]):
        return [files]
    if is_demonstration(places.town):
        return [files, Finding(State.WELL, _DEMONSTRATION, (_NOTHING_IS_TRIED,))]
    accounts, mailboxes, staff = await asyncio.gather(
        _accounts(places.town, environment),
        _mailboxes(places.town, environment),
        staff_changed(places.town, environment),
    )
    return [files, *older_form(places.town), *staff, *accounts, *mailboxes]


async def files_of(town: Path, environment: Mapping[str, str]) -> Finding:
    """Return whether the town's files are right, mail.yaml among them."""
    what = words(f"Fichiers de la ville ({town})", f"The town's files ({town})")
    try:
        load_town(town)
        load_town_map(town)
    except SettingsError as error:
        return Finding(State.WRONG, what, as_said(str(error).splitlines()))
    answer = await ask_intake(town, Request(ask="act", name=MAIL_FILE), environment)
    if answer.verdict in {"settings", "refused"}:
        return Finding(State.WRONG, what, as_said(answer.lines))
    return Finding(State.WELL, what)


def older_form(town: Path) -> Sequence[Finding]:
    """Return what to do of a folder that is read as it is, and has the form of an older version."""
    if (version := version_of(town)) == CURRENT:
        return []
    said = words(
        f"elle est de la version {version}, la {CURRENT} est celle d’aujourd’hui : « guichet town migrate {town} » l’y "
        "amène, quand aucun service d’avant ne tourne plus.",
        f"it is of version {version}, today's is {CURRENT}: `guichet town migrate {town}` brings it there, once no "
        "service of before runs.",
    )
    return [Finding(State.TO_SEE, words("Forme du dossier", "Form of the folder"), (said,))]


async def _accounts(town: Path, environment: Mapping[str, str]) -> list[Finding]:
    accounts = accounts_of(read_yaml(town / "channels.yaml").parse(ChannelList), known_channels(town))
    answers = await asyncio.gather(*(account.answer(Request(ask="check"), environment) for account in accounts))
    return [_of_account(account, answer) for account, answer in zip(accounts, answers, strict=True)]


def _of_account(account: Account, answer: Answer) -> Finding:
    what = account.called
    match answer.verdict:
        case "done":
            return Finding(State.WELL, what, as_said(answer.lines))
        case "never":
            return Finding(State.TO_SEE, what, (_UNTRIED, *as_said(answer.lines)))
        case "not-configured":
            return Finding(State.WRONG, what, (_NOT_SET,))
        case _:
            return Finding(State.WRONG, what, as_said(answer.lines))


async def _mailboxes(town: Path, environment: Mapping[str, str]) -> Sequence[Finding]:
    """Return how the mailboxes stand that are read by IMAP: none where the town has none."""
    listed = await ask_intake(town, Request(ask="act", name=MAIL_FILE), environment)
    if not listed.lines:
        return []
    answer = await ask_intake(town, Request(ask="act", name=CHECK), environment)
    what = words("Boîtes relevées par IMAP", "Mailboxes read by IMAP")
    return [Finding(State.WELL if answer.verdict == "done" else State.WRONG, what, as_said(answer.lines))]
