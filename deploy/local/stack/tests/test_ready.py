"""Whether a part is ready is asked of its own page, which may be anybody's code."""

import socket
import threading
from collections.abc import Iterator
from time import monotonic

import pytest

from guichet_local.machine.health import is_ready

SAID = {b"HTTP/1.1 200 OK\r\n\r\n": True, b"HTTP/1.1 503 Service Unavailable\r\n\r\n": False, b"200": False, b"": False}


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@pytest.mark.parametrize("said", SAID)
def test_a_part_is_ready_when_its_page_says_so(listening: socket.socket, said: bytes) -> None:
    answering = threading.Thread(target=answer, args=(listening, said))
    answering.start()
    assert is_ready(listening.getsockname()[1]) is SAID[said]
    answering.join()


def answer(listening: socket.socket, said: bytes) -> None:
    connection, _ = listening.accept()
    with connection:
        connection.recv(1000)
        connection.sendall(said)


def test_nobody_waits_for_a_page_that_comes_a_byte_at_a_time(listening: socket.socket) -> None:
    stopping = threading.Event()

    def drip() -> None:
        connection, _ = listening.accept()
        with connection:
            while not stopping.wait(0.2):
                try:
                    connection.sendall(b"H")
                except OSError:
                    return

    dripping = threading.Thread(target=drip)
    dripping.start()
    began = monotonic()
    assert not is_ready(listening.getsockname()[1])
    assert monotonic() - began < 10
    stopping.set()
    dripping.join()


def test_where_nobody_listens_nothing_is_ready(listening: socket.socket) -> None:
    port = listening.getsockname()[1]
    listening.close()
    assert not is_ready(port)
