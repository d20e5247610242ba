"""Is a service ready? Its own health page says so."""

import socket
from typing import Final

from guichet_local.machine.ports import HOST

READY_PAGE: Final = "/health/ready"
_PATIENCE_S: Final = 3.0
_REQUEST: Final = f"GET {READY_PAGE} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode()


def is_ready(port: int) -> bool:
    """True when GET /health/ready on this loopback port answers 200.

    One look at what is answered first: a process of a third party may answer a byte a second for ever.
    """
    try:
        with socket.create_connection((HOST, port), _PATIENCE_S) as connection:
            connection.sendall(_REQUEST)
            return connection.recv(64).split(b" ")[1:2] == [b"200"]
    except OSError:
        return False
