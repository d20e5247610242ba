"""`guichet mailbox`: try the mailboxes that are read by IMAP, and see what would be taken in. Neither changes anything.

The code of whoever reads mailboxes does it, in a process that can open nothing (guichet_cli.console.errands).
"""

from typing import Annotated, Final

import typer

from guichet.channel.host.errand import Answer, Request
from guichet.errors import SettingsError
from guichet.runtime.settings import TownSettings, read_settings
from guichet.town.channel_facts import known_channels
from guichet_cli.console.command import command_group, run
from guichet_cli.console.demonstration import refuse_in_a_demonstration
from guichet_cli.console.errands import errand
from guichet_cli.console.french.catalogue import in_french
from guichet_cli.console.language import Language
from guichet_cli.console.terminal_text import on_one_line

CHECK: Final = "mailbox-check"
PREVIEW: Final = "mailbox-preview"

app = command_group("Try the mailboxes that are read by IMAP (mail.yaml), and see what would be taken in.")
Name = Annotated[str | None, typer.Argument(help="A mailbox, by its name in mail.yaml; by default all.")]
OneName = Annotated[str, typer.Argument(help="A mailbox, by its name in mail.yaml.")]

Lang = Annotated[Language, typer.Option("--lang", help="Of what is said.")]


@app.command()
def check(name: Name = None, lang: Lang = Language.FRENCH) -> None:
    """Say of each mailbox, in a sentence, what is wrong: name, TLS, certificate, sign-in, folder, rights, clock."""
    _tell(run(lambda: _ask(CHECK, name)), lang)


@app.command()
def preview(name: OneName, lang: Lang = Language.FRENCH) -> None:
    """Show what the first look would take in: how many mails, by month, how large, the oldest and the newest."""
    _tell(run(lambda: _ask(PREVIEW, name)), lang)


async def _ask(act: str, name: str | None) -> Answer:
    """Have it done by the first account whose code knows that. Raises SettingsError, CodeTroubleError."""
    refuse_in_a_demonstration("no mailbox is read")
    known = known_channels(read_settings(TownSettings).town)
    for channel in (facts.name for facts in known.values() if facts.has_mailboxes):
        async with errand(channel, known) as code:
            answer = await code.ask(Request(ask="act", name=act, words=() if name is None else (name,)))
        if answer.verdict != "never":
            return answer
    raise SettingsError("no channel that is known here reads mailboxes.")


def _tell(answer: Answer, lang: Language) -> None:
    for line in answer.lines:
        typer.echo(on_one_line(in_french(line) if lang is Language.FRENCH else line))
    if answer.verdict != "done":
        raise typer.Exit(1)
