"""Have a channel's code run by a process that cannot open anything (guichet.channel.host.errand).

This process may hold the vault's root key, and a channel's package may be anybody's. The other one gets what that
provider's variables say, and no other of ours; nor can it look into this one. Guichet's own channels' runs as the same
user of the machine: what files that may read, it may. A third party's does, too, on a local stack; on a server systemd
starts it as a user that nobody else is (guichet_server.render.errands).
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from pydantic import ValidationError

from guichet.channel.host.errand import AROUND, LONGEST, Answer, FirstLine, Request
from guichet.contracts.channels import KnownChannels
from guichet.contracts.inbound import ChannelName
from guichet.errors import GuichetError, SettingsError
from guichet.runtime.prctl import hide_memory
from guichet.town.third_parties import reason_against_variables
from guichet_topology.commands import ERRANDS_APART
from guichet_topology.own_names import reasons_against

PATIENCE: Final = timedelta(minutes=2)  # a door is given a minute
SYSTEM: Final = (
    *("PATH", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
)


class CodeTroubleError(GuichetError):
    """A channel's code ended, or did not answer in time."""


class Errand:
    """A process with one channel's code. Ask it one thing after the other. says: where what it prints is to be read."""

    def __init__(
        self, channel: ChannelName, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, says: str = "above"
    ) -> None:
        self._channel = channel
        self._says = says
        self._reader = reader
        self._writer = writer

    async def ask(self, request: Request) -> Answer:
        """Return what came of it. Raises CodeTroubleError."""
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                self._writer.write(request.model_dump_json().encode() + b"\n")
                await self._writer.drain()
                line = await self._reader.readline()
        except TimeoutError:
            raise CodeTroubleError(f"channel {self._channel}: its code does not answer.") from None
        except (OSError, ValueError) as exc:
            raise CodeTroubleError(f"channel {self._channel}: its code ended ({type(exc).__name__}).") from None
        if not line:
            raise CodeTroubleError(f"channel {self._channel}: its code ended; what it said is {self._says}.")
        try:
            return Answer.model_validate_json(line)
        except ValidationError:
            raise CodeTroubleError(f"channel {self._channel}: its code says nothing that can be read.") from None


@asynccontextmanager
async def errand(
    channel: ChannelName, known: KnownChannels, environment: Mapping[str, str] = os.environ
) -> AsyncIterator[Errand]:
    """Start the process of a channel's code, and end it. environment: of which it is given its part. Raises
    SettingsError, CodeTroubleError."""
    hide_memory()
    given = environment_of(channel, known, environment)
    apart = os.environ.get(ERRANDS_APART)
    if apart is not None and channel in known.of_other_packages:
        async with _apart(channel, given, apart) as one:
            yield one
    else:
        async with _beside(channel, given) as one:
            yield one


@asynccontextmanager
async def _apart(channel: ChannelName, given: Mapping[str, str], socket: str) -> AsyncIterator[Errand]:
    """Have systemd start it, and end it with all that it started."""
    try:
        reader, writer = await asyncio.open_unix_connection(socket, limit=LONGEST)
    except OSError as exc:
        raise CodeTroubleError(
            f"channel {channel}: {socket} is not there ({type(exc).__name__}). Run: guichet-server apply"
        ) from None
    try:
        writer.write(FirstLine(channel=channel, environment=given).model_dump_json().encode() + b"\n")
        yield Errand(channel, reader, writer, says="in `journalctl -u 'guichet-errand@*'`")
    finally:
        writer.close()


@asynccontextmanager
async def _beside(channel: ChannelName, given: Mapping[str, str]) -> AsyncIterator[Errand]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "guichet.channel.host.errand", channel),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=given,
        limit=LONGEST,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield Errand(channel, process.stdout, process.stdin)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def environment_of(channel: ChannelName, known: KnownChannels, environment: Mapping[str, str]) -> dict[str, str]:
    """Return what of our environment a channel's code may know.

    Raises SettingsError for a provider that is not part of Guichet and that is called like us, or claims variables
    of others.
    """
    if reason := reason_against_variables(channel, known):
        raise SettingsError(f"channel {channel}: {reason}")
    prefixes = known[channel].prefixes
    if channel in known.of_other_packages and (reason := next(reasons_against(prefixes), None)):
        raise SettingsError(f"channel {channel}: no provider may be called {known[channel].provider}: {reason}.")
    ours = {name: environment[name] for name in (*SYSTEM, *AROUND) if name in environment}
    return ours | {name: value for name, value in environment.items() if name.startswith(prefixes)}


def channel_of_provider(provider: str, known: KnownChannels) -> ChannelName | None:
    """Return the channel whose package speaks for an account: of several, one that is answered on itself."""
    carried = [facts for facts in known.values() if facts.provider == provider]
    first = sorted(carried, key=lambda facts: (facts.answered_on != facts.name, facts.name))
    return first[0].name if first else None
