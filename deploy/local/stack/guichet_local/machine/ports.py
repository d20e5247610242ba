"""Ports on the loopback address."""

import os
import secrets
import socket
import tempfile
from itertools import chain, islice
from pathlib import Path
from time import monotonic
from typing import Final

from guichet_local.errors import PortTakenError

HOST = "127.0.0.1"
# Below Linux's ephemeral range (32768 and up), from which outgoing connections take theirs.
LOWEST, HIGHEST = 20_000, 32_000
LENT_S: Final = (
    300  # for at least so long nobody else is given a port: a server on a busy machine takes a minute to bind
)


def is_free(port: int) -> bool:
    """True when nothing listens on the port just now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_ports(count: int) -> list[int]:
    """Pick `count` different ports that nobody listens on, nor was given some minutes ago and may not listen on yet.

    Raises PortTakenError where there are not so many.
    """
    first = secrets.randbelow(HIGHEST - LOWEST)
    every = chain(range(LOWEST + first, HIGHEST), range(LOWEST, LOWEST + first))
    found = list(islice((port for port in every if is_free(port) and _is_lent_to_us(port)), count))
    if len(found) < count:
        raise PortTakenError(f"no {count} ports are free between {LOWEST} and {HIGHEST}: stop what listens there.")
    return found


def _is_lent_to_us(port: int) -> bool:
    """Note that a port is ours for LENT_S, unless another process of this user noted it first.

    One file a port and period of the machine's running time, which only one process can make; who comes early in a
    period looks at the last one, too.
    """
    folder, period = Path(tempfile.gettempdir()) / f"guichet-ports-{os.getuid()}", int(monotonic() // LENT_S)
    folder.mkdir(mode=0o700, exist_ok=True)
    if (folder / f"{port}-{period - 1}").exists():
        return False
    try:
        (folder / f"{port}-{period}").touch(exist_ok=False)
    except FileExistsError:
        return False
    (folder / f"{port}-{period - 2}").unlink(missing_ok=True)
    return True


def answers(port: int) -> bool:
    """True when a TCP connection to the port is accepted."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((HOST, port)) == 0
