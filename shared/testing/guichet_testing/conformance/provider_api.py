"""A provider at the wire: what the channel's sender meets, scripted by the suite."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus

THROTTLED_FOR = timedelta(seconds=7)


@dataclass(frozen=True)
class Request:
    """What the channel asked of the provider. path: with its query."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    def holds(self, text: str) -> bool:
        """Return whether the words are in the body whole."""
        return holds(self.body, text)


def holds(body: bytes, text: str) -> bool:
    """Return whether the words are in the body whole, as UTF-8, JSON or a form writes them."""
    ways = (text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], quote_plus(text))
    return any(way.encode() in body for way in ways)


@dataclass(frozen=True)
class Reply:
    """What the provider answers. body: JSON, or bytes as they are."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def on_the_wire(self) -> bytes:
        """Return the whole answer (RFC 9112)."""
        body = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        said = {"Content-Type": "application/json", "Content-Length": len(body), "Connection": "close", **self.headers}
        lines = [f"HTTP/1.1 {self.status} said", *(f"{name}: {value}" for name, value in said.items()), "", ""]
        return "\r\n".join(lines).encode() + body


LOST = Reply(0)
"""The provider takes what it is sent, and its answer is lost."""

Respond = Callable[[Request], Reply]


class ProviderApi:
    """Override what the provider says otherwise.

    variable: that names its address. accepted: it takes a letter. throttled: it asks for THROTTLED_FOR; None: a mail
    relay knows no pause. broken: a trouble of its own. denied: it does not know our credentials; None: it is not asked
    for any. unknown_refusal: one whose code the facts do not know. refusals: by our reason, those that have no code
    among the facts' `reasons`. refused_addresses: by our reason, an address that no letter can be handed over for.
    of_no_letter_here: our reasons that no letter to a citizen meets, tried elsewhere. settled_id: of the letter that
    `listed` holds. tells_id: whether a letter that was taken gets an id, by which reports and questions find it; False:
    it gets none. refuses_in_codes: False: its codes come in reports alone, on letters that it took.
    """

    variable: str = ""
    accepted: Reply = Reply(200, {"id": "out-1"})
    throttled: Reply | None = Reply(
        429, {"error": "throttled"}, {"Retry-After": str(int(THROTTLED_FOR.total_seconds()))}
    )
    broken: Reply = Reply(500, {"error": "internal"})
    denied: Reply | None = Reply(401, {"error": "denied"})
    unknown_refusal: Reply = Reply(400, {"error": "a code that nobody knows"})
    refusals: Mapping[str, Reply] = {}
    refused_addresses: Mapping[str, str] = {}
    of_no_letter_here: frozenset[str] = frozenset()
    settled_id: str = "out-1"
    tells_id: bool = True
    refuses_in_codes: bool = True

    def refusal(self, code: str) -> Reply:
        """Return how the provider says one of its codes, which the facts translate (`reasons`)."""
        return Reply(400, {"error": code})

    def listed(self, text: str) -> Reply | None:  # noqa: ARG002
        """Return the provider's answer when it is asked for a letter of these words; None: it cannot be asked."""
        return None

    def other(self, request: Request) -> Reply | None:  # noqa: ARG002
        """Return the answer to a request that hands over no letter (who are we, a token to sign in with)."""
        return None

    def environment(self, address: str) -> Mapping[str, str]:
        """Return the variables that lead to the provider."""
        return {self.variable: address}

    @asynccontextmanager
    async def serving(self, respond: Respond) -> AsyncIterator["Wire"]:
        """Be the provider while open."""
        wire = Wire(respond, self)
        server = await asyncio.start_server(wire.serve, "127.0.0.1", 0)
        async with server:
            wire.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            yield wire


class Wire:
    """HTTP/1.1, one request a connection. letters: the requests that handed one over."""

    def __init__(self, respond: Respond, api: ProviderApi) -> None:
        self._respond = respond
        self._api = api
        self.address = ""
        self.letters: list[Request] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        try:
            request = await _read(reader)
            other = self._api.other(request)
            if other is None:
                self.letters.append(request)
            reply = other if other is not None else self._respond(request)
            if reply is not LOST:
                writer.write(reply.on_the_wire())
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = head[0].split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, path, headers, body)
