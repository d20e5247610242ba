"""LMTP as RFC 2033 wants it, on aiosmtpd, whose own answers DATA once for all recipients (aiosmtpd #517).

It also takes several commands at once (PIPELINING, RFC 2920), which RFC 2033 5 asks for and aiosmtpd does not offer.
"""

import asyncio
import re
from dataclasses import dataclass
from functools import partial
from typing import Any, AnyStr, Final

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import DATA_SIZE_DEFAULT, Envelope, Session

from guichet.runtime.telemetry.metrics import MESSAGES_REFUSED
from guichet_mail.receive.neighbours import Greeter, Neighbours
from guichet_mail.whence import HERE, cut_whence

# An address as nearly all are, within RFC 5321's lengths, and what follows it (SIZE=…).
PLAIN_ADDRESS: Final = re.compile(r"<([\w+=-][\w.+=-]{0,62}@[A-Za-z0-9][A-Za-z0-9.-]{0,250})>((?: .*)?)")
CHUNK_BYTES: Final = 64 * 1024  # of a mail, read at once; twice as much is held of each connection
DATA_S: Final = 120.0  # for one mail to come: a mail server of the town's own sends the largest within seconds
TOO_MANY: Final = "421 4.3.2 too many connections, come back later"
NO_WAY: Final = "501 5.5.4 no way that a mail of ours came by"
NO_ROOM: Final = "452 4.3.1 too many mails at once, try again later"
TOO_LATE: Final = "421 4.4.2 the mail did not come to its end, try again later"
TOO_MUCH: Final = "552 5.3.4 Error: Too much mail data"
FAREWELLS: Final = ("221", "421", "502")  # aiosmtpd may close the connection after these
END: Final = b"\r\n.\r\n"  # nothing else ends a mail: who took a bare line end for one would let mails be smuggled in


@dataclass
class Intake:
    """What all connections hold together, and how much that may be."""

    max_connections: int = 100
    max_bytes: int = 100 * 1024 * 1024
    connections: int = 0
    bytes_held: int = 0

    def has_room(self, more: int) -> bool:
        """Return whether so many bytes more may be held."""
        return self.bytes_held + more <= self.max_bytes


class PerRecipientLmtp(LMTP):
    """Repeats the answer to DATA for each accepted recipient, whichever answer it is."""

    line_length_limit = CHUNK_BYTES

    def __init__(
        self, handler: Any, *, data_size_limit: int = DATA_SIZE_DEFAULT, intake: Intake | None = None, **settings: Any
    ) -> None:
        super().__init__(handler, data_size_limit=data_size_limit, **settings)
        self._most_bytes = data_size_limit
        self._intake = intake or Intake()
        self._bytes_held = 0
        self._held: list[str] = []
        self.whence = HERE

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        """Take the sender, and by which way the mail came here before it was put aside (XGUICHET)."""
        try:
            rest, self.whence = cut_whence(arg or "")
        except ValueError:
            return await self.push(NO_WAY)
        return await super().smtp_MAIL(rest or None)  # type: ignore[no-any-return]

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802
        """Take the mail whole, not line by line as aiosmtpd does, and answer once for each recipient."""
        session, envelope = self.session, self.envelope
        assert session is not None and envelope is not None  # noqa: PT018 - there since the connection is
        if refusal := _refusal_of_data(session, envelope, arg):
            return await self.push(refusal)
        recipients = len(envelope.rcpt_tos)
        if not self._intake.has_room(1):
            return await self.push(NO_ROOM)
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        try:
            answer = await self._take_mail(envelope)
        except TimeoutError:
            await self.push(TOO_LATE)
            assert self.transport is not None
            return self.transport.close()
        finally:
            self._hold(-self._bytes_held)
        self.envelope = self._create_envelope()
        return await self.push("\r\n".join([answer] * recipients))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        self._intake.connections += 1
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Give back what the connection held."""
        self._intake.connections -= 1
        super().connection_lost(error)

    def _hold(self, more: int) -> None:
        self._bytes_held += more
        self._intake.bytes_held += more

    async def _take_mail(self, envelope: Envelope) -> str:
        """Return the answer to a mail. Raises TimeoutError for one that does not come to its end."""
        async with asyncio.timeout(DATA_S):
            mail = await self._read_mail()
        if isinstance(mail, str):
            return mail
        envelope.content = mail
        return await self._hand_over()

    async def push(self, status: AnyStr) -> None:
        """Answer; where the next command is here already, together with the answer to that (RFC 2920 3.2)."""
        answer = status if isinstance(status, str) else status.decode()
        self._held.append(answer)
        is_last = answer.startswith(FAREWELLS)
        if is_last or b"\n" not in self._reader._buffer:  # type: ignore[attr-defined]  # as aiosmtpd does: there is no other way
            answers, self._held = self._held, []
            await super().push("\r\n".join(answers))

    async def _read_mail(self) -> bytes | str:
        """Return what comes before the lone dot, doubled dots made one (RFC 5321 4.5.2); or a refusal.

        What is refused is heard to its end all the same, as SMTP wants it, and not kept.
        """
        mail, refusal = bytearray(b"\r\n"), ""  # as if a line went before: a mail may end where it begins
        end = -1
        while end < 0:
            piece = await self._read_piece()
            mail += piece
            self._hold(len(piece))
            end = mail.find(END, max(0, len(mail) - len(piece) - len(END)))
            if (len(mail) - len(END) if end < 0 else end) > self._most_bytes:
                refusal = TOO_MUCH
            elif not self._intake.has_room(0):
                refusal = refusal or NO_ROOM
            if refusal and end < 0:
                del mail[: -len(END)]
                self._hold(-self._bytes_held)
        self._leave_for_later(bytes(mail[end + len(END) :]))
        del mail[end + 2 :]
        return refusal or bytes(memoryview(mail.replace(b"\r\n.", b"\r\n"))[2:])

    async def _read_piece(self) -> bytes:
        """Return what is there of a mail, at least a byte; to look for each dot costs 10 s for 25 MiB of `a.` lines."""
        piece: bytes = await self._reader.read(CHUNK_BYTES)
        if not piece:
            raise asyncio.IncompleteReadError(b"", None)
        return piece

    def _leave_for_later(self, commands: bytes) -> None:
        """Put back what came after the mail: its sender did not wait for the answer (RFC 2920)."""
        if commands:
            self._hold(-len(commands))
            self._reader._buffer[:0] = commands  # type: ignore[attr-defined]  # as aiosmtpd does: there is no other way

    async def _hand_over(self) -> str:
        try:
            answer: str = await self._call_handler_hook("DATA")
        except Exception as error:
            answer = await self.handle_exception(error)
        return answer

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """Read the address of MAIL and RCPT. aiosmtpd's reading costs 60 µs, and is for what is not plain."""
        plain = PLAIN_ADDRESS.fullmatch(arg)
        if plain is None or ".." in plain[1] or ".@" in plain[1]:
            address: tuple[str | None, str | None] = super()._getaddr(arg)
            return address
        return plain[1], plain[2]


class _TurnedAway(asyncio.Protocol):
    """Told to come back later, so that the mail stays with its mail server."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say so and hang up."""
        assert isinstance(transport, asyncio.WriteTransport)
        MESSAGES_REFUSED.labels("email", "too-many-connections").inc()
        transport.write(f"{TOO_MANY}\r\n".encode())
        transport.close()


def _refusal_of_data(session: Session, envelope: Envelope, arg: str | None) -> str | None:
    if not session.host_name:
        return "503 Error: send LHLO first"
    if not envelope.rcpt_tos:
        return "503 Error: need RCPT command"
    return "501 Syntax: DATA" if arg else None


async def listen(
    handler: Any,
    host: str,
    port: int,
    max_bytes: int,
    *,
    intake: Intake | None = None,
    neighbours: Neighbours | None = None,
    protocol: type[LMTP] = PerRecipientLmtp,
) -> asyncio.Server:
    """Return a listening LMTP server. handler: handle_EHLO, handle_RCPT, handle_DATA, handle_exception of aiosmtpd.

    neighbours: None where all users of this machine may hand mail in. Raises OSError when the port is taken.
    """
    loop, shared = asyncio.get_running_loop(), intake or Intake()
    limits: dict[str, Any] = {"intake": shared} if issubclass(protocol, PerRecipientLmtp) else {}

    def greet() -> asyncio.Protocol:
        if shared.connections >= shared.max_connections:
            return _TurnedAway()
        return protocol(
            handler,
            data_size_limit=max_bytes,
            enable_SMTPUTF8=True,
            hostname="guichet",
            ident="LMTP",
            loop=loop,
            **limits,
        )

    door = greet if neighbours is None else partial(Greeter, greet, neighbours)
    return await loop.create_server(door, host, port)
