"""Does a broker answer? One request of Kafka's own protocol, so that nobody waits for a log line."""

import socket
import struct

from guichet_local.ports import HOST

# DescribeCluster, version 0 (https://kafka.apache.org/protocol, key 60): header v2 with the correlation id 1
# and no client id, then include_cluster_authorized_operations=false and the two empty tag sections.
REQUEST = struct.pack(">hhihb", 60, 0, 1, -1, 0) + b"\x00\x00"
# Answer: correlation id, tags, throttle time, error code.
ERROR_CODE_AT = 4 + 1 + 4


def broker_answers(port: int) -> bool:
    """True when the broker on this loopback port accepts requests and knows at least one living broker."""
    try:
        with socket.create_connection((HOST, port), timeout=2.0) as connection:
            connection.sendall(struct.pack(">i", len(REQUEST)) + REQUEST)
            return has_living_broker(_read_answer(connection))
    except OSError:
        return False


def has_living_broker(answer: bytes) -> bool:
    """Read the DescribeCluster answer, its length prefix removed."""
    if len(answer) <= ERROR_CODE_AT + 3 or answer[ERROR_CODE_AT : ERROR_CODE_AT + 2] != b"\x00\x00":
        return False
    at = ERROR_CODE_AT + 2
    at += max(answer[at], 1)  # error message: compact string, 0 = null, else length + 1
    at += max(answer[at], 1)  # cluster id
    at += 4  # controller
    return answer[at] > 1  # brokers: compact array, length + 1


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
