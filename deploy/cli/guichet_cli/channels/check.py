"""`guichet channels check`: does each provider take our credentials, and where must it reach us?

Each provider's own code tries them, without sending anything, in a process that can open nothing. A provider none of
whose variables is set is not configured; one with half of them is a mistake.
"""

import asyncio
from typing import Annotated, Final

import typer

from guichet.channel.host.errand import Request
from guichet_cli.channels.accounts import read_accounts
from guichet_cli.console.command import run
from guichet_cli.console.demonstration import refuse_in_a_demonstration
from guichet_cli.console.terminal_text import on_one_line

VERDICTS: Final = {
    "done": "ok",
    "not-configured": "not configured",
    "refused": "REFUSED",
    "settings": "wrongly set",
    "never": "its package checks nothing",
}
Name = Annotated[
    str | None, typer.Argument(help="A channel, switched on or not, or its provider; by default all that are on.")
]


def check(name: Name = None) -> None:
    """Try each provider's credentials and print the webhook addresses to register. Status 1 if one is refused."""
    if not run(lambda: _check(name)):
        raise typer.Exit(1)


async def _check(name: str | None) -> bool:
    """Return whether all is well. A town may leave out a provider; whoever asks for one by name wants it."""
    refuse_in_a_demonstration("no provider is asked")
    accounts = read_accounts(name)
    answers = await asyncio.gather(*(account.answer(Request(ask="check")) for account in accounts))
    for account, answer in zip(accounts, answers, strict=True):
        typer.echo(f"{on_one_line(account.title)}: {VERDICTS[answer.verdict]}")
        for line in answer.lines:
            typer.echo(f"  {on_one_line(line)}")
    well = {"done", "never"} if name is not None else {"done", "never", "not-configured"}
    return all(answer.verdict in well for answer in answers)
