"""Does a broker answer? A few requests of Kafka's own protocol, so that nobody waits for a log line."""

import socket
import ssl
import struct

from guichet_local.kafka.security import KafkaSecurity
from guichet_local.machine.ports import HOST
from guichet_topology.sign_in import ADMINISTRATOR

# DescribeCluster, version 0 (https://kafka.apache.org/protocol, key 60): header v2 with the correlation id 1
# and no client id, then include_cluster_authorized_operations=false and the two empty tag sections.
DESCRIBE_CLUSTER = struct.pack(">hhihb", 60, 0, 1, -1, 0) + b"\x00\x00"
# Answer: correlation id, tags, throttle time, error code.
ERROR_CODE_AT = 4 + 1 + 4
# SaslHandshake, version 1 (key 17), header v1: correlation id 1, no client id, the mechanism.
PLAIN_HANDSHAKE = struct.pack(">hhihh", 17, 1, 1, -1, 5) + b"PLAIN"
SIGN_IN_ERROR_AT = 4  # of the answers to SaslHandshake and SaslAuthenticate: after the correlation id


def broker_answers(port: int, security: KafkaSecurity | None = None) -> bool:
    """True when the broker on this loopback port accepts requests and knows at least one living broker."""
    try:
        with _connect(port, security) as connection:
            if security is not None and not _sign_in(connection, security):
                return False
            return has_living_broker(_ask(connection, DESCRIBE_CLUSTER))
    except OSError:
        return False


def _connect(port: int, security: KafkaSecurity | None) -> socket.socket:
    connection = socket.create_connection((HOST, port), timeout=2.0)
    if security is None or security.authority is None:
        return connection
    return ssl.create_default_context(cafile=security.authority).wrap_socket(connection, server_hostname=HOST)


def _sign_in(connection: socket.socket, security: KafkaSecurity) -> bool:
    """Sign in as the administrator: before, a broker answers nothing that tells how it is."""
    return all(
        _ask(connection, request)[SIGN_IN_ERROR_AT : SIGN_IN_ERROR_AT + 2] == b"\x00\x00"
        for request in (PLAIN_HANDSHAKE, plain_sign_in(ADMINISTRATOR, security.administrator_password))
    )


def plain_sign_in(user: str, password: str) -> bytes:
    """SaslAuthenticate, version 0 (key 36), with what PLAIN sends (RFC 4616)."""
    said = f"\0{user}\0{password}".encode()
    return struct.pack(">hhihi", 36, 0, 1, -1, len(said)) + said


def has_living_broker(answer: bytes) -> bool:
    """Read the DescribeCluster answer, its length prefix removed."""
    if len(answer) <= ERROR_CODE_AT + 3 or answer[ERROR_CODE_AT : ERROR_CODE_AT + 2] != b"\x00\x00":
        return False
    at = ERROR_CODE_AT + 2
    at += max(answer[at], 1)  # error message: compact string, 0 = null, else length + 1
    at += max(answer[at], 1)  # cluster id
    at += 4  # controller
    return answer[at] > 1  # brokers: compact array, length + 1


def _ask(connection: socket.socket, request: bytes) -> bytes:
    connection.sendall(struct.pack(">i", len(request)) + request)
    return _read_answer(connection)


def _read_answer(connection: socket.socket) -> bytes:
    (length,) = struct.unpack(">i", _read_exactly(connection, 4))
    return _read_exactly(connection, length)


def _read_exactly(connection: socket.socket, count: int) -> bytes:
    read = b""
    while len(read) < count:
        part = connection.recv(count - len(read))
        if not part:
            raise ConnectionError("the broker closed the connection")
        read += part
    return read
