"""Agents who have their list open: a stream each, and the list read again whenever it says so, as the page does it.

Bytes on sockets, without a client library: two hundred of them must cost next to nothing beside what they ask for.
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import unescape
from threading import Event
from time import perf_counter
from typing import Final

from tests.scale.live.elsewhere import stand_elsewhere

_STREAM: Final = re.compile(r'sse-connect="([^"]*)"')
_READ_BYTES: Final = 65_536
_LIST: Final = "/demandes/liste"


@dataclass
class Seen:
    """What all of them saw. told: how often a page was told; read: ms of each list read again."""

    told: int = 0
    read: list[float] = field(default_factory=list)
    refused: int = 0


def look_on(port: int, cookies: Sequence[str], all_are_open: Event, it_is_over: Event) -> Seen:
    """Keep a page open for each cookie; return what they saw. For a process of its own."""
    stand_elsewhere()
    return asyncio.run(_look_on(port, cookies, all_are_open, it_is_over))


async def _look_on(port: int, cookies: Sequence[str], all_are_open: Event, it_is_over: Event) -> Seen:
    seen = Seen()
    following = list[asyncio.Task[None]]()
    for cookie in cookies:  # one after the other: nobody measures two hundred agents who come at one moment
        page = _OpenPage(port, cookie, seen)
        if await page.open():
            following.append(asyncio.create_task(page.follow()))
    all_are_open.set()
    await asyncio.to_thread(it_is_over.wait)
    for each in following:
        each.cancel()
    await asyncio.gather(*following, return_exceptions=True)
    return seen


@dataclass
class _OpenPage:
    port: int
    cookie: str
    seen: Seen

    async def open(self) -> bool:
        """Open the list and its stream; return whether there is one."""
        stream = _STREAM.search(await self._get("/demandes"))
        if stream is None:
            self.seen.refused += 1
            return False
        self._stream = await self._ask(unescape(stream[1]))
        return True

    async def follow(self) -> None:
        """Read the list again whenever the stream says so."""
        reader, writer = self._stream
        try:
            while line := await reader.readline():
                if line.startswith(b"event: changed"):
                    self.seen.told += 1
                    began = perf_counter()
                    await self._get(_LIST)
                    self.seen.read.append((perf_counter() - began) * 1000)
        finally:
            writer.close()

    async def _get(self, path: str) -> str:
        reader, writer = await self._ask(path)
        try:
            return (await reader.read(-1)).decode(errors="replace")
        finally:
            writer.close()

    async def _ask(self, path: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=_READ_BYTES)
        head = (
            f"GET {path} HTTP/1.1",
            "Host: 127.0.0.1",
            "Connection: close",
            f"Cookie: guichet_session={self.cookie}",
        )
        writer.write("\r\n".join([*head, "", ""]).encode())
        return reader, writer
