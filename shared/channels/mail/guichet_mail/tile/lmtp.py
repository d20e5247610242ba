"""An LMTP client: one transaction, one answer per recipient (RFC 2033).

The standard library's reads a single answer after DATA, whatever the number of recipients.
"""

import asyncio
from dataclasses import dataclass

TIMEOUT = 60.0  # seconds for a whole transaction


@dataclass(frozen=True)
class Answer:
    """A server's line. code: 2xx accepted, 4xx later perhaps, 5xx never."""

    code: int
    text: str

    @property
    def is_accepted(self) -> bool:
        """Say whether the server took the mail."""
        return 200 <= self.code < 300

    @property
    def is_final(self) -> bool:
        """Say whether trying again is pointless."""
        return self.is_accepted or self.code >= 500


@dataclass(frozen=True)
class LmtpServer:
    """Where a town takes its mail."""

    host: str
    port: int

    async def deliver(self, raw: bytes, sender: str, recipients: list[str]) -> dict[str, Answer]:
        """Hand one mail over and return each recipient's answer.

        raw: lines may end in LF or CRLF. A server that is away, breaks off or dawdles answers 4xx for whoever
        has no answer yet: a mail server then tries again.
        """
        answers: dict[str, Answer] = {}
        try:
            async with asyncio.timeout(TIMEOUT):
                await self._transact(raw, sender, recipients, answers)
        except (OSError, EOFError, ValueError, TimeoutError) as exc:
            away = Answer(421, f"4.4.2 {type(exc).__name__}")
            return {recipient: answers.get(recipient, away) for recipient in recipients}
        return answers

    async def _transact(self, raw: bytes, sender: str, recipients: list[str], answers: dict[str, Answer]) -> None:
        reader, writer = await asyncio.open_connection(self.host, self.port)
        try:
            await _Dialogue(reader, writer).run(raw, sender, recipients, answers)
        finally:
            writer.close()


class _Dialogue:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def run(self, raw: bytes, sender: str, recipients: list[str], answers: dict[str, Answer]) -> None:
        greeting = await self._answer()
        hello = await self._say("LHLO courriel.example") if greeting.is_accepted else greeting
        mail = await self._say(f"MAIL FROM:<{sender}>{_options(hello, raw)}") if hello.is_accepted else hello
        if not mail.is_accepted:
            answers.update(dict.fromkeys(recipients, mail))
            return
        accepted = []
        for recipient in recipients:
            answer = await self._say(f"RCPT TO:<{recipient}>")
            if answer.is_accepted:
                accepted.append(recipient)
            else:
                answers[recipient] = answer
        await self._data(raw, accepted, answers)
        self._writer.write(b"QUIT\r\n")

    async def _data(self, raw: bytes, accepted: list[str], answers: dict[str, Answer]) -> None:
        if not accepted:
            return
        go_ahead = await self._say("DATA")
        if go_ahead.code != 354:
            answers.update(dict.fromkeys(accepted, go_ahead))
            return
        self._writer.write(_stuffed(raw) + b".\r\n")
        await self._writer.drain()
        for recipient in accepted:
            answers[recipient] = await self._answer()

    async def _say(self, command: str) -> Answer:
        self._writer.write(command.encode() + b"\r\n")
        await self._writer.drain()
        return await self._answer()

    async def _answer(self) -> Answer:
        lines = []
        while True:
            line = (await self._reader.readuntil(b"\n")).decode("utf-8", "replace").rstrip()
            lines.append(line[4:])
            if line[3:4] != "-":
                return Answer(int(line[:3]), "\n".join(lines))


def _options(hello: Answer, raw: bytes) -> str:
    offered = {line.split(" ")[0].upper() for line in hello.text.splitlines()}
    options = {"SIZE": f" SIZE={len(raw)}", "8BITMIME": " BODY=8BITMIME", "SMTPUTF8": " SMTPUTF8"}
    return "".join(option for name, option in options.items() if name in offered)


def _stuffed(raw: bytes) -> bytes:
    """Return the mail with CRLF line ends, and a dot doubled where it begins a line (RFC 5321, 4.5.2)."""
    lines = raw.replace(b"\r\n", b"\n").removesuffix(b"\n").split(b"\n")
    return b"".join((b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in lines)
