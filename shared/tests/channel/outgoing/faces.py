"""A sender that does as it is told, in this process and behind a socket: both pass one suite."""

import os
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from guichet.channel.outgoing.letter import Letter, Mail
from guichet.channel.outgoing.outcomes import sent
from guichet.channel.outgoing.sender import Outgoing, Sender
from guichet.channel.outgoing.wire.lane_socket import LaneSocket
from guichet.channel.outgoing.wire.remote_sender import RemoteSender
from guichet.channel.outgoing.wire.sender_server import SenderServer
from guichet.ids import MessageId

LANE = "pigeon"
LETTER = Letter(
    MessageId("0f9e8d7c6b5a49382716051423324150"),
    "email",
    "contact@mairie.example",
    "amina.benali@courriel.example",
    "Bonjour, 💡 Amina",
    Mail("contact+2026@mairie.example", b"Subject: \xff\r\n\r\nBonjour"),
    more=True,
)


class Scripted(Sender):
    """Answers with the next of `answers`: an outcome, an exception, or something to await; then always with success."""

    name = LANE

    def __init__(self, *answers):
        self.answers = deque(answers)
        self.letters = []

    async def try_send(self, letter):
        return await self._next(letter, sent("P1"))

    async def settle(self, letter):
        return await self._next(letter, [])

    async def _next(self, letter, otherwise):
        self.letters.append(letter)
        answer = self.answers.popleft() if self.answers else otherwise
        if isinstance(answer, BaseException):
            raise answer
        return await answer if hasattr(answer, "__await__") else answer


@asynccontextmanager
async def served(folder: Path, sender: Outgoing, notifier: int | None = None, **options) -> AsyncIterator[SenderServer]:
    server = SenderServer(sender, LaneSocket(folder, LANE, os.getuid() if notifier is None else notifier), **options)
    await server.start()
    try:
        yield server
    finally:
        await server.stop(timedelta(seconds=1))


@asynccontextmanager
async def remote(folder: Path, longer: timedelta = timedelta(seconds=10)) -> AsyncIterator[RemoteSender]:
    sender = RemoteSender(LANE, folder / f"{LANE}.sock", 2, longer)
    await sender.start()
    try:
        yield sender
    finally:
        await sender.stop()
