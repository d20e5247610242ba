"""Who of this machine hands mail in by LMTP: the kernel knows as which user a connection was opened (Linux).

A port of 127.0.0.1 asks nobody who they are. Any user of the machine, each service of Guichet's among them, could hand
in a mail with the words of the town's own mail server above it, and be believed.
"""

import asyncio
import socket
from collections.abc import Callable, Iterable, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

import structlog

from guichet.runtime.telemetry.metrics import MESSAGES_REFUSED

TABLES: Final = (Path("/proc/self/net/tcp"), Path("/proc/self/net/tcp6"))
REFUSAL: Final = "421 4.7.0 this user of the machine hands in no mail here"  # a mail server comes back
_ESTABLISHED: Final = "01"

log = structlog.get_logger()


class Neighbours:
    """users: of this machine, by number, who may hand mail in; other machines are the firewall's affair."""

    def __init__(self, users: Iterable[int]) -> None:
        self._users = frozenset(users)

    def welcomes(self, transport: asyncio.BaseTransport) -> bool:
        """Say whether who opened this connection may."""
        peer, own = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
        if not (peer and own):
            return False
        user = user_of(peer, own, (line for table in TABLES for line in _lines(table)))
        if user is None and not _is_of_this_machine(peer, own):
            return True
        if user not in self._users:
            log.warning("a user of this machine may hand in no mail", uid=user)
            return False
        return True


class Greeter(asyncio.Protocol):
    """Lets whom the machine's users are not kept from talk to the server; tells others to come back, and hangs up."""

    def __init__(self, greet: Callable[[], asyncio.BaseProtocol], neighbours: Neighbours) -> None:
        self._greet = greet
        self._neighbours = neighbours

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Look who it is."""
        assert isinstance(transport, asyncio.Transport)
        if self._neighbours.welcomes(transport):
            protocol = self._greet()
            transport.set_protocol(protocol)
            protocol.connection_made(transport)
            return
        MESSAGES_REFUSED.labels("email", "no-mail-server").inc()
        transport.write(f"{REFUSAL}\r\n".encode())
        transport.close()


def user_of(peer: Sequence[Any], own: Sequence[Any], lines: Iterable[str]) -> int | None:
    """Return as whom the peer's end is open, of the lines of proc(5)'s net/tcp; None: no user of this machine has it.

    An end that is closed already shows the number of root, who did not open it. Pure.
    """
    wanted = (_as_listed(peer), _as_listed(own), _ESTABLISHED)
    for line in lines:
        columns = line.split()
        if tuple(columns[1:4]) == wanted:
            return int(columns[7])
    return None


def _as_listed(address: Sequence[Any]) -> str:
    """Return address and port as the kernel writes them: each four bytes as a number of the machine's order."""
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    packed = socket.inet_pton(family, address[0].partition("%")[0])
    words = (packed[start : start + 4][::-1] for start in range(0, len(packed), 4))
    return f"{b''.join(words).hex().upper()}:{address[1]:04X}"


def _lines(table: Path) -> list[str]:
    return table.read_text("ascii").splitlines()[1:] if table.exists() else []


def _is_of_this_machine(peer: Sequence[Any], own: Sequence[Any]) -> bool:
    return ip_address(peer[0].partition("%")[0]).is_loopback or peer[0] == own[0]
