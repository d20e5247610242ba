"""A mail server's side of LMTP (RFC 2033): one answer per recipient. The standard library reads only the first."""

import asyncio
from collections.abc import Sequence
from typing import Self


class LmtpClient:
    """One connection; an async context manager."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
        await self._answer()
        await self._ask("LHLO replay.example")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()
        await self._writer.wait_closed()

    async def deliver(self, sender: str, recipients: Sequence[str], mail: bytes) -> list[int]:
        """Hand a mail over and return the code for each recipient."""
        await self._ask(f"MAIL FROM:<{sender}>")
        for recipient in recipients:
            await self._ask(f"RCPT TO:<{recipient}>")
        await self._ask("DATA")
        lines = mail.replace(b"\r\n", b"\n").split(b"\n")
        stuffed = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines)
        self._writer.write(stuffed + b"\r\n.\r\n")
        return [await self._answer() for _ in recipients]

    async def _ask(self, command: str) -> int:
        self._writer.write(f"{command}\r\n".encode())
        return await self._answer()

    async def _answer(self) -> int:
        while True:
            line = await self._reader.readline()
            if line[3:4] != b"-":
                return int(line[:3])
