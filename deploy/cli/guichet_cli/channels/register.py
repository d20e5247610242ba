"""`guichet channels register`: tell providers where they reach us, each by its own package's code.

That code runs in a process that can open nothing. What a provider is not told by a command, an operator enters by hand.
"""

from collections.abc import Iterator

import typer

from guichet.channel.host.errand import Answer, Request
from guichet.errors import GuichetError
from guichet_cli.channels.accounts import Account, read_accounts
from guichet_cli.channels.check import Name
from guichet_cli.console.command import run
from guichet_cli.console.demonstration import refuse_in_a_demonstration
from guichet_cli.console.terminal_text import on_one_line


def register(name: Name = None) -> None:
    """Tell providers the webhook's address and secret. Where that is done by hand, `check` says what to enter."""
    run(lambda: _register(name))


async def _register(name: str | None) -> None:
    """Tell all that can be told before it complains. Raises GuichetError."""
    refuse_in_a_demonstration("no provider is told of it")
    answers = [(account, await account.answer(Request(ask="register"))) for account in read_accounts(name)]
    for account, answer in answers:
        if answer.verdict == "done":
            typer.echo(f"{on_one_line(account.title)}: registered")
            for line in answer.lines:
                typer.echo(f"  {on_one_line(line)}")
    if wrong := [line for account, answer in answers for line in _complaints(account, answer)]:
        raise GuichetError("\n".join(map(on_one_line, wrong)))
    if not any(answer.verdict == "done" for _, answer in answers):
        typer.echo("Nothing is told by this command here: enter what `guichet channels check` says at the provider.")


def _complaints(account: Account, answer: Answer) -> Iterator[str]:
    match answer.verdict:
        case "not-configured":
            begins = " and ".join(f"{each}…" for each in account.prefixes)
            yield f"{account.title} is not configured: set the {begins} variables."
        case "refused" | "settings":
            yield from answer.lines
