"""One question to a provider, within limits: it is waited for so long, read so far, and followed nowhere."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from agent_desk.domain.sign_in.openid.errors import ProviderAwayError, RefusedAnswerError

TIMEOUT_S: Final = 5.0  # of the whole: an agent waits for it
LONGEST_BODY: Final = 256 * 1024  # bytes
LIMITS: Final = httpx.Limits(max_connections=20, max_keepalive_connections=5)
_NOT_US: Final = (400, 401, 403)  # what was asked for is refused; anything else is the provider's trouble


@dataclass(frozen=True)
class Answer:
    """What came. kind: its media type, in lower case."""

    kind: str
    body: bytes = field(repr=False)

    def members(self) -> Mapping[str, Any]:
        """Return a JSON object. Raises ProviderAwayError where it is none."""
        try:
            said = json.loads(self.body)
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            raise ProviderAwayError("The provider answers with no JSON object.")
        return said


def open_http() -> httpx.AsyncClient:
    """Return a client for a provider. It keeps no cookies of one question for the next."""
    plain = {"accept-encoding": "identity"}  # a packed answer may unpack to more than we read
    return httpx.AsyncClient(timeout=TIMEOUT_S, limits=LIMITS, follow_redirects=False, headers=plain)


async def ask(http: httpx.AsyncClient, method: str, address: str, **sent: Any) -> Answer:
    """Return a provider's answer. Raises ProviderAwayError; RefusedAnswerError where it refuses what we ask for."""
    try:
        async with asyncio.timeout(TIMEOUT_S), http.stream(method, address, **sent) as answer:
            body = await _read(answer)
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as exc:
        raise ProviderAwayError(f"The provider does not answer ({type(exc).__name__}).") from None
    finally:
        http.cookies.clear()
    if answer.status_code in _NOT_US:
        raise RefusedAnswerError(f"refused-{answer.status_code}")
    if answer.status_code != httpx.codes.OK:
        raise ProviderAwayError(f"The provider answers {answer.status_code}.")
    return Answer(answer.headers.get("content-type", "").partition(";")[0].strip().lower(), body)


async def _read(answer: httpx.Response) -> bytes:
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise ProviderAwayError("The provider packs its answer, unasked.")
    found = bytearray()
    async for piece in answer.aiter_bytes():
        found += piece
        if len(found) > LONGEST_BODY:
            raise ProviderAwayError("The provider's answer has no end.")
    return bytes(found)
