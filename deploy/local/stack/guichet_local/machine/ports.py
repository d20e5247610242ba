"""Ports on the loopback address."""

import secrets
import socket

HOST = "127.0.0.1"
# Below Linux's ephemeral range (32768 and up), from which outgoing connections take theirs.
LOWEST, HIGHEST = 20_000, 32_000


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
    """Pick `count` different ports that nobody listens on, at random, so that parallel runs rarely meet."""
    found: list[int] = []
    while len(found) < count:
        port = LOWEST + secrets.randbelow(HIGHEST - LOWEST)
        if port not in found and is_free(port):
            found.append(port)
    return found


def answers(port: int) -> bool:
    """True when a TCP connection to the port is accepted."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((HOST, port)) == 0
