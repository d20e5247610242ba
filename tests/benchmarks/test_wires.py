"""What the load generators take for a whole answer."""

import asyncio

import pytest

from guichet_bench.wires import http_wire, lmtp_wire
from guichet_bench.wires.http_wire import HTTP, post
from guichet_bench.wires.lmtp_wire import LMTP, hand_over
from guichet_bench.wires.load import UnexpectedAnswerError, Wire, do_all


@pytest.mark.parametrize(
    ("answer", "whole"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", True),
        (b"HTTP/1.1 204 No Content\r\n", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no", False),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx: y\r\n\r\nok", True),
    ],
)
def test_an_http_answer_ends_with_its_body(answer, whole):
    assert http_wire.is_complete(answer) is whole


@pytest.mark.parametrize(
    ("answer", "whole"),
    [
        (b"250 ok\r\n", True),
        (b"250 o", False),
        (b"250-SIZE\r\n", False),
        (b"250-SIZE\r\n250 HELP\r\n", True),
    ],
)
def test_an_lmtp_answer_ends_with_the_line_that_has_a_blank(answer, whole):
    assert lmtp_wire.is_complete(answer) is whole


@pytest.mark.parametrize(
    ("answers", "whole"), [(b"250 ok\r\n250 ok\r\n", False), (b"250 ok\r\n250-o\r\n250 k\r\n354 go\r\n", True)]
)
def test_commands_sent_at_once_have_an_answer_each(answers, whole):
    commands, _ = hand_over("a@b.example", "c@d.example", b"Bonjour")
    assert lmtp_wire.is_complete(answers, commands) is whole
    assert lmtp_wire.is_good(answers)
    assert not lmtp_wire.is_good(answers.replace(b"250 ok", b"550 no", 1))


async def serve(answers: dict[bytes, bytes], heard: list[bytes], greeting: bytes = b""):
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        while data := await reader.read(65536):
            heard.append(data)
            writer.write(answers[data.split()[0]])
        writer.close()

    return await asyncio.start_server(talk, "127.0.0.1", 0)


async def play(wire: Wire, exchanges: list[tuple[bytes, ...]], answers: dict[bytes, bytes], greeting: bytes = b""):
    heard: list[bytes] = []
    async with await serve(answers, heard, greeting) as server:
        await do_all(wire, server.sockets[0].getsockname()[1], exchanges, connections=2)
    return heard


async def test_every_request_is_sent_once():
    requests = [post("/", str(number).encode(), {}) for number in range(20)]
    heard = await play(HTTP, requests, {b"POST": b"HTTP/1.1 204 No Content\r\n\r\n"})
    assert sorted(heard) == sorted(request for (request,) in requests)


async def test_a_refusal_is_no_figure():
    with pytest.raises(UnexpectedAnswerError, match="503"):
        await play(HTTP, [post("/", b"", {})], {b"POST": b"HTTP/1.1 503 Away\r\ncontent-length: 0\r\n\r\n"})


async def test_a_mail_is_handed_over_once_its_commands_are_answered():
    answers = {b"LHLO": b"250-SIZE\r\n250 ok\r\n", b"MAIL": b"250 ok\r\n250 ok\r\n354 go\r\n"}
    answers |= {b"Bonjour": b"250 accepted\r\n"}
    heard = await play(LMTP, [hand_over("a@b.example", "c@d.example", b"Bonjour")], answers, b"220 hello\r\n")
    assert [piece for piece in heard if not piece.startswith(b"LHLO")] == [
        b"MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n",
        b"Bonjour\r\n.\r\n",
    ]
