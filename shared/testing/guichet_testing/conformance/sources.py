"""How a provider speaks to the adapter under test, and what it understands of the answer."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

import httpx
from fastapi import FastAPI

PROXIED = "http://10.0.0.7:8080"
"""The address that a request shows behind a proxy: never the one that the provider signed."""


@dataclass(frozen=True)
class Answer:
    """What the provider was told. codes: one for HTTP, one per recipient for LMTP."""

    codes: tuple[int, ...]

    def __str__(self) -> str:
        return " ".join(map(str, self.codes)) or "nothing"

    @property
    def is_accepted(self) -> bool:
        """The provider forgets the message."""
        return bool(self.codes) and all(200 <= code < 300 for code in self.codes)

    @property
    def is_retried(self) -> bool:
        """The provider keeps the message and sends it again: 503 and 429 of HTTP, 4xx of LMTP and SMTP."""
        return bool(self.codes) and all(code in (429, 503) or code in (421, 450, 451, 452) for code in self.codes)

    @property
    def is_refused(self) -> bool:
        """The provider learns that it must not send this again: 4xx of HTTP, 5xx of LMTP."""
        refusals = (400, 401, 403, 413, 422, 550, 552, 554)
        return bool(self.codes) and all(code in refusals for code in self.codes)


class Source(Protocol):
    """The provider's side of a connection."""

    async def deliver(self, payload: bytes) -> Answer:
        """Send a genuine payload, as the provider does."""

    async def deliver_forged(self, payload: bytes, proof: str) -> Answer:
        """Send a payload that the provider never signed. proof: what stands in the signature's place, maybe nothing."""


OpenSource = AbstractAsyncContextManager[Source]


class WebSource(Source):
    """A provider that posts to a webhook behind a proxy.

    sign: the headers with which the provider posts a payload, computed on the public address. proof_header: the one
    that carries the proof.
    """

    def __init__(
        self, client: httpx.AsyncClient, target: str, sign: Callable[[bytes], Mapping[str, str]], proof_header: str
    ) -> None:
        self._client = client
        self._target = target
        self._sign = sign
        self._proof_header = proof_header

    async def deliver(self, payload: bytes) -> Answer:
        return await self._post(payload, dict(self._sign(payload)))

    async def deliver_forged(self, payload: bytes, proof: str) -> Answer:
        headers = {**self._sign(payload), self._proof_header: proof}
        if not proof:
            del headers[self._proof_header]
        return await self._post(payload, headers)

    async def _post(self, payload: bytes, headers: dict[str, str]) -> Answer:
        raw = {name.encode(): value.encode() for name, value in headers.items()}
        answer = await self._client.post(self._target, content=payload, headers=raw)
        return Answer((answer.status_code,))


@asynccontextmanager
async def web_source(
    web: FastAPI, target: str, *, sign: Callable[[bytes], Mapping[str, str]], proof_header: str
) -> AsyncIterator[Source]:
    """Open a WebSource on an app. target: path and query of its webhook."""
    transport = httpx.ASGITransport(web, raise_app_exceptions=False)  # what escapes is a 500, as on a real server
    async with httpx.AsyncClient(transport=transport, base_url=PROXIED) as client:
        yield WebSource(client, target, sign, proof_header)
