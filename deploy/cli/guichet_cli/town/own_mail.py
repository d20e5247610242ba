"""`guichet town mail`: send one mail to the town's own mailbox, read it there, and say SPF, DKIM and DMARC."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer

from guichet.channel.host.errand import Request
from guichet.errors import GuichetError, SettingsError
from guichet.law.calendar import PARIS
from guichet.town.load import load_town
from guichet_cli.console.command import operators_now, run
from guichet_cli.console.language import Language, words
from guichet_cli.town.checklist.attested import OWN_MAIL
from guichet_cli.town.checklist.note import note_done
from guichet_cli.town.findings import Finding, State, is_well, told
from guichet_cli.town.intake_code import MAIL_FILE, ask_intake
from guichet_cli.town.own_mail_words import finding_of
from guichet_cli.town.places import Places

SEND: Final = "trial-send"
FIND: Final = "trial-find"
PATIENCE: Final = timedelta(minutes=3)
PAUSE_S: Final = 5.0

Folder = Annotated[Path, typer.Option("--town", envvar="GUICHET_TOWN", help="The town's folder.")]
Name = Annotated[str | None, typer.Argument(help="A mailbox, by its name in mail.yaml. Default: the main one.")]
Lang = Annotated[Language, typer.Option("--lang", help="Of what is said.")]


def mail(folder: Folder, name: Name = None, lang: Lang = Language.FRENCH) -> None:
    """Send one mail from the town to its own mailbox, read it there by IMAP, and say what is found of SPF, DKIM, DMARC.

    Nobody else gets it. A Guichet that runs takes it in as it does any mail, as a case without a receipt.
    """
    findings = run(lambda: _findings(Places.of(folder), name, lang))
    for line in told(findings, lang):
        typer.echo(line)
    if not is_well(findings):
        raise typer.Exit(1)


async def _findings(places: Places, name: str | None, lang: Language) -> list[Finding]:
    environment, town = places.environment(), load_town(places.town)
    if town.demonstration:
        raise SettingsError(lang.of(_DEMONSTRATION))
    ask = partial(_asked, places, environment, lang)
    listed = await ask(MAIL_FILE)
    account, address = _mailbox(listed, name, town.main_mailbox, lang)
    message_id = f"<guichet-{secrets.token_hex(16)}@{town.domain}>"
    await ask(SEND, message_id, address)
    lines = await _waited_for(partial(ask, FIND, account, message_id))
    if not lines:
        return [Finding(State.WRONG, words(f"Courriel d’essai vers {address}", f"Trial mail to {address}"), (_LOST,))]
    findings = [*_read(lines, town.domain)]
    if all(each.state is State.WELL for each in findings):
        return [*findings, *await _noted(places.town)]
    return findings


async def _noted(town: Path) -> list[Finding]:
    """Note that it is in order; on a server, only root may."""
    try:
        await note_done(town, OWN_MAIL, "guichet town mail", operators_now().astimezone(PARIS).date())
    except GuichetError:
        return [Finding(State.TO_SEE, words("À noter dans la liste", "To be noted in the list"), (_NOTE_IT,))]
    return []


async def _waited_for(find: Callable[[], Awaitable[tuple[str, ...]]]) -> tuple[str, ...]:
    until = asyncio.get_running_loop().time() + PATIENCE.total_seconds()
    while True:
        lines = await find()
        if lines or asyncio.get_running_loop().time() > until:
            return lines
        await asyncio.sleep(PAUSE_S)


async def _asked(
    places: Places, environment: Mapping[str, str], lang: Language, act: str, *said: str
) -> tuple[str, ...]:
    answer = await ask_intake(places.town, Request(ask="act", name=act, words=said), environment)
    if answer.verdict != "done":
        raise GuichetError("\n".join(answer.lines) or lang.of(_NOBODY_READS))
    return answer.lines


def _mailbox(listed: tuple[str, ...], name: str | None, main: str, lang: Language) -> tuple[str, str]:
    """Return account and address of the mailbox that was named, or of the main one, or of the first."""
    found = {account: address for account, _, address in (line.split() for line in listed)}
    if not found:
        raise SettingsError(lang.of(_NO_MAILBOX))
    account = name or next((each for each, address in found.items() if address == main), next(iter(found)))
    if account not in found:
        there = ", ".join(found)
        raise SettingsError(
            lang.of(
                words(
                    f"mail.yaml n’a pas de boîte {account} ; il a : {there}.",
                    f"mail.yaml has no mailbox {account}; it has {there}.",
                )
            )
        )
    return account, found[account]


def _read(lines: tuple[str, ...], domain: str) -> Iterator[Finding]:
    for line in lines:
        method, result, by, own = ("" if each == "-" else each for each in line.split())
        yield finding_of(method, result, by, domain, is_own=bool(own))


_DEMONSTRATION: Final = words(
    "Cette ville est une démonstration (town.yaml) : rien n’en part, pas même un essai.",
    "This town is a demonstration (town.yaml): nothing leaves it, not even a trial.",
)
_NOBODY_READS: Final = words(
    "aucun canal connu ici ne relève de boîte.", "no channel that is known here reads mailboxes."
)
_NO_MAILBOX: Final = words(
    "Aucune boîte n’est relevée par IMAP (mail.yaml) : envoyez vous-même un courriel depuis la mairie vers une "
    "adresse ailleurs, et lisez-y Authentication-Results.",
    "No mailbox is read by IMAP (mail.yaml): send a mail from the town to an address elsewhere yourself, and read "
    "Authentication-Results there.",
)
_NOTE_IT: Final = words(
    f"le dossier de la ville ne s’écrit pas d’ici : sudo guichet town done {OWN_MAIL} --by …",
    f"the town's folder cannot be written from here: sudo guichet town done {OWN_MAIL} --by …",
)
_LOST: Final = words(
    "il n’est pas arrivé en trois minutes : regardez la file de votre relais, et le dossier des indésirables.",
    "it did not come within three minutes: look into your relay's queue, and into the folder of spam.",
)
