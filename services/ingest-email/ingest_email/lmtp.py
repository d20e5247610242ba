"""LMTP as RFC 2033 wants it, on aiosmtpd, whose own answers DATA once for all recipients (aiosmtpd #517)."""

import asyncio
import re
from typing import Any, AnyStr, Final

from aiosmtpd.lmtp import LMTP

# An address as nearly all are, within RFC 5321's lengths, and what follows it (SIZE=…).
PLAIN_ADDRESS: Final = re.compile(r"<([\w+=-][\w.+=-]{0,62}@[A-Za-z0-9][A-Za-z0-9.-]{0,250})>((?: .*)?)")
LINE_BYTES = 1024 * 1024  # a line too long for RFC 5321 is no reason to lose a citizen's mail


class PerRecipientLmtp(LMTP):
    """Repeats the answer to DATA for each accepted recipient, whichever answer it is."""

    line_length_limit = LINE_BYTES
    _recipients = 0

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        """Take the mail; every answer from here on is owed once per recipient, a failure included."""
        self._recipients = len(self.envelope.rcpt_tos) if self.envelope else 0
        await super().smtp_DATA(arg)
        self._recipients = 0

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """Read the address of MAIL and RCPT. aiosmtpd's reading costs 60 µs, and is for what is not plain."""
        plain = PLAIN_ADDRESS.fullmatch(arg)
        if plain is None or ".." in plain[1] or ".@" in plain[1]:
            address: tuple[str | None, str | None] = super()._getaddr(arg)
            return address
        return plain[1], plain[2]

    async def push(self, status: AnyStr) -> None:
        """Answer. An error inside smtp_DATA is answered after it was left, so the count is taken here."""
        code = status[:3] if isinstance(status, str) else status[:3].decode()
        is_final = self._recipients and code not in ("354", "501", "503")
        for _ in range(self._recipients if is_final else 1):
            await super().push(status)
        if is_final:
            self._recipients = 0


async def listen(
    handler: Any, host: str, port: int, max_bytes: int, *, protocol: type[LMTP] = PerRecipientLmtp
) -> asyncio.Server:
    """Return a listening LMTP server. handler: handle_RCPT, handle_DATA, handle_exception of aiosmtpd.

    Raises OSError when the port is taken.
    """
    loop = asyncio.get_running_loop()

    def greet() -> LMTP:
        return protocol(
            handler, data_size_limit=max_bytes, enable_SMTPUTF8=True, hostname="guichet", ident="LMTP", loop=loop
        )

    return await loop.create_server(greet, host, port)
