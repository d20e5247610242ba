"""`guichet channels check NAME`: one channel of whatever package, asked by a process that can open nothing."""

from typing import Final

import typer

from guichet.channel.host.errand import Request
from guichet.contracts.inbound import ChannelName
from guichet.errors import SettingsError
from guichet.runtime.settings import TownSettings, read_settings
from guichet.town.channel_facts import known_channels
from guichet_cli.console.errands import errand

VERDICTS: Final = {
    "done": "ok",
    "not-configured": "not configured",
    "refused": "REFUSED",
    "settings": "wrongly set",
    "never": "its package checks nothing",
}


async def check_one(name: ChannelName) -> bool:
    """Print what its package says of the account; return whether all is well. Raises SettingsError, GuichetError."""
    known = known_channels(read_settings(TownSettings).town)
    if name not in known:
        raise SettingsError(f"{name} is no channel that is known here. See: guichet channels list")
    async with errand(name, known) as asked:
        answer = await asked.ask(Request(ask="check"))
    typer.echo(f"{name}: {VERDICTS[answer.verdict]}")
    for line in answer.lines:
        typer.echo(f"  {line}")
    return answer.verdict in {"done", "never"}
