"""LMTP as RFC 2033 wants it, on aiosmtpd, whose own answers DATA once for all recipients (aiosmtpd #517).

It also takes several commands at once (PIPELINING, RFC 2920), which RFC 2033 5 asks for and aiosmtpd does not offer.
"""

import asyncio
import re
from typing import Any, AnyStr, Final

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import DATA_SIZE_DEFAULT, Envelope, Session

# An address as nearly all are, within RFC 5321's lengths, and what follows it (SIZE=…).
PLAIN_ADDRESS: Final = re.compile(r"<([\w+=-][\w.+=-]{0,62}@[A-Za-z0-9][A-Za-z0-9.-]{0,250})>((?: .*)?)")
CHUNK_BYTES: Final = 1024 * 1024  # of a mail, read at once
TOO_MUCH: Final = "552 5.3.4 Error: Too much mail data"
FAREWELLS: Final = ("221", "421", "502")  # aiosmtpd may close the connection after these
END: Final = b"\r\n.\r\n"  # nothing else ends a mail: who took a bare line end for one would let mails be smuggled in


class PerRecipientLmtp(LMTP):
    """Repeats the answer to DATA for each accepted recipient, whichever answer it is."""

    line_length_limit = CHUNK_BYTES

    def __init__(self, handler: Any, *, data_size_limit: int = DATA_SIZE_DEFAULT, **settings: Any) -> None:
        super().__init__(handler, data_size_limit=data_size_limit, **settings)
        self._most_bytes = data_size_limit
        self._held: list[str] = []

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802
        """Take the mail whole, not line by line as aiosmtpd does, and answer once for each recipient."""
        session, envelope = self.session, self.envelope
        assert session is not None and envelope is not None  # noqa: PT018 - there since the connection is
        if refusal := _refusal_of_data(session, envelope, arg):
            return await self.push(refusal)
        recipients = len(envelope.rcpt_tos)
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        envelope.content = await self._read_mail()
        answer = TOO_MUCH if envelope.content is None else await self._hand_over()
        self.envelope = self._create_envelope()
        return await self.push("\r\n".join([answer] * recipients))

    async def push(self, status: AnyStr) -> None:
        """Answer; where the next command is here already, together with the answer to that (RFC 2920 3.2)."""
        answer = status if isinstance(status, str) else status.decode()
        self._held.append(answer)
        is_last = answer.startswith(FAREWELLS)
        if is_last or b"\n" not in self._reader._buffer:  # type: ignore[attr-defined]  # as aiosmtpd does: there is no other way
            answers, self._held = self._held, []
            await super().push("\r\n".join(answers))

    async def _read_mail(self) -> bytes | None:
        """Return what comes before the lone dot, doubled dots made one (RFC 5321 4.5.2); None where it is too much."""
        mail, is_too_much = bytearray(b"\r\n"), False  # as if a line went before: a mail may end where it begins
        while not mail.endswith(END):
            mail += await self._read_until_a_dot()
            if len(mail) > self._most_bytes + len(END):
                is_too_much = True
                del mail[: -len(END)]
        del mail[-3:]
        return None if is_too_much else bytes(memoryview(mail.replace(b"\r\n.", b"\r\n"))[2:])

    async def _read_until_a_dot(self) -> bytes:
        try:
            found: bytes = await self._reader.readuntil(b".\r\n")
        except asyncio.LimitOverrunError as error:
            found = await self._reader.read(error.consumed)
        return found

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


def _refusal_of_data(session: Session, envelope: Envelope, arg: str | None) -> str | None:
    if not session.host_name:
        return "503 Error: send LHLO first"
    if not envelope.rcpt_tos:
        return "503 Error: need RCPT command"
    return "501 Syntax: DATA" if arg else None


async def listen(
    handler: Any, host: str, port: int, max_bytes: int, *, protocol: type[LMTP] = PerRecipientLmtp
) -> asyncio.Server:
    """Return a listening LMTP server. handler: handle_EHLO, handle_RCPT, handle_DATA, handle_exception of aiosmtpd.

    Raises OSError when the port is taken.
    """
    loop = asyncio.get_running_loop()

    def greet() -> LMTP:
        return protocol(
            handler, data_size_limit=max_bytes, enable_SMTPUTF8=True, hostname="guichet", ident="LMTP", loop=loop
        )

    return await loop.create_server(greet, host, port)
