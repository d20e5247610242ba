"""A mail server that hands mail over by LMTP, and reads as many answers as it is owed (RFC 2033)."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from guichet_testing.conformance.mailboxes import MailSource
from guichet_testing.conformance.sources import Answer

OWED_WITHIN = 1.0  # seconds; an answer that is missing never comes


class LmtpSource(MailSource):
    """One connection. sender: the envelope's. recipients: of `deliver`, the first of the town's mailboxes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sender: str, recipient: str) -> None:
        self._reader = reader
        self._writer = writer
        self._sender = sender
        self._recipient = recipient

    async def deliver(self, payload: bytes) -> Answer:
        """Where the recipient is refused, that is the answer."""
        asked, answer = await self.deliver_to((self._recipient,), payload)
        return answer if answer.codes else asked

    async def deliver_forged(self, payload: bytes, proof: str) -> Answer:
        """Mail carries no proof at this door: the town's own mail server knocks at it."""
        raise NotImplementedError

    async def deliver_to(self, recipients: Sequence[str], payload: bytes) -> tuple[Answer, Answer]:
        await self._say(f"MAIL FROM:<{self._sender}> BODY=8BITMIME")
        asked = [await self._say(f"RCPT TO:<{recipient}>") for recipient in recipients]
        accepted = asked.count(250)
        if accepted and await self._say("DATA") == 354:
            return Answer(tuple(asked)), await self._send(payload, accepted)
        await self._say("RSET")
        return Answer(tuple(asked)), Answer(())

    async def greet(self) -> None:
        """Open the conversation."""
        await self._code()
        await self._say("LHLO mx.mairie.example")

    async def _send(self, payload: bytes, owed: int) -> Answer:
        lines = payload.replace(b"\r\n", b"\n").split(b"\n")
        stuffed = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines)
        self._writer.write(stuffed + b"\r\n.\r\n")
        codes = [await self._code()]
        while len(codes) < owed:
            try:
                async with asyncio.timeout(OWED_WITHIN):
                    codes.append(await self._code())
            except TimeoutError:
                break
        return Answer(tuple(codes))

    async def _say(self, command: str) -> int:
        self._writer.write(command.encode() + b"\r\n")
        return await self._code()

    async def _code(self) -> int:
        while True:
            line = await self._reader.readline()
            if not line:
                raise ConnectionError("the mail server's connection was dropped")
            if line[3:4] != b"-":
                return int(line[:3])


@asynccontextmanager
async def lmtp_source(host: str, port: int, *, sender: str, recipient: str) -> AsyncIterator[MailSource]:
    """Connect to an LMTP server."""
    reader, writer = await asyncio.open_connection(host, port)
    source = LmtpSource(reader, writer, sender, recipient)
    await source.greet()
    try:
        yield source
    finally:
        writer.close()
