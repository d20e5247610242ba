"""The web app of an adapter: what goes wrong becomes the status that makes the source do the right thing."""

from collections.abc import AsyncGenerator
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse

from guichet.channel.refusals import RefusedError, TooLargeError, UnverifiedSourceError
from guichet.errors import ThrottledError, TransientError
from guichet.runtime.telemetry.metrics import MESSAGES_REFUSED
from guichet.runtime.telemetry.probing_alarm import Probing, Refusal
from guichet.runtime.web import Lifespan, web_app

log = structlog.get_logger()

RETRY_AFTER_S = 5
STATUSES: dict[type[RefusedError], int] = {UnverifiedSourceError: 403, TooLargeError: 413}


def webhook_app(channel: str, *, probing: Probing | None = None, lifespan: Lifespan | None = None) -> FastAPI:
    """Return a FastAPI app with the statuses of errors: forged 403, too large 413, away 503.

    Give it webhooks by `add_route`, which passes the request on as it is: FastAPI's own routes solve parameters that a
    webhook does not have, for 20 µs a request. channel: the label of refusals in the metrics. probing:
    hears of forgeries.
    """
    web = web_app(lifespan=lifespan)

    @web.exception_handler(RefusedError)
    async def refuse(_request: Request, error: RefusedError) -> PlainTextResponse:
        if probing is not None and isinstance(error, UnverifiedSourceError):
            probing.note(Refusal.SIGNATURE)
        return _refusal(channel, error.reason, STATUSES.get(type(error), 400), str(error))

    @web.exception_handler(TransientError)
    async def ask_to_come_back(_request: Request, error: TransientError) -> PlainTextResponse:
        pause_s = error.retry_after.total_seconds() if isinstance(error, ThrottledError) else RETRY_AFTER_S
        log.warning("not accepted for now", channel=channel, error=str(error))
        return _refusal(channel, "away", 503, "try again later", {"Retry-After": str(int(pause_s))})

    return web


def _refusal(channel: str, reason: str, status: int, text: str, headers: Any = None) -> PlainTextResponse:
    MESSAGES_REFUSED.labels(channel, reason).inc()
    return PlainTextResponse(text, status, headers)


async def bounded_stream(request: Request, max_bytes: int) -> AsyncGenerator[bytes, None]:
    """Give the request's body piece by piece. Raises TooLargeError without reading past `max_bytes`.

    Content-Length bounds nothing: beside Transfer-Encoding: chunked a server rightly ignores it.
    """
    taken = 0
    async for piece in request.stream():
        taken += len(piece)
        if taken > max_bytes:
            raise TooLargeError(max_bytes)
        yield piece


async def read_body(request: Request, max_bytes: int) -> bytes:
    """Return the request's body. Raises TooLargeError without reading past `max_bytes`."""
    return b"".join([piece async for piece in bounded_stream(request, max_bytes)])
