"""A door that closes a connection just as the next message comes, as servers do with those left idle."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from citizen_sandbox.play.entry import State
from guichet_testing.doors.sandbox import Town, running_sandbox
from guichet_testing.town.sandbox_client import SandboxClient

ANSWER = b"HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n"


async def _answer_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")
    )
    await reader.readexactly(length)
    writer.write(ANSWER)
    await reader.read(1)  # the next request, or the end
    writer.close()


@pytest.fixture
async def door() -> AsyncIterator[Town]:
    server = await asyncio.start_server(_answer_once, "127.0.0.1", 0)
    async with server:
        yield Town(http_port=server.sockets[0].getsockname()[1])


async def test_each_sms_is_delivered_though_the_connection_of_the_one_before_is_closing(door: Town) -> None:
    async with running_sandbox(door) as sandbox, SandboxClient(sandbox.url) as citizens:
        sent = [await citizens.send_sms("amina-benali", text) for text in ("un", "deux", "trois")]
        assert [(entry.state, entry.answer) for entry in sent] == [(State.ACCEPTED, "HTTP 204")] * 3
