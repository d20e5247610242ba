"""Answers to a page that shows them in its own place (static/in-place.js)."""

from typing import Final

from fastapi import Request, Response
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_HEADER: Final = "In-Place"
"""Of such a request: the version of the desk whose page asks."""


def is_in_place(request: Request) -> bool:
    """Say whether what answers is shown within the page that asks."""
    return _HEADER in request.headers


def shown_at(response: Response, address: str) -> Response:
    """Tell the page under which address it shows an answer that does not stand there."""
    response.headers["Content-Location"] = address
    return response


class SameVersion:
    """Refuses a page of another version before anything is read for it: it opens its next page anew."""

    def __init__(self, app: ASGIApp, version: str) -> None:
        self._app, self._version = app, version

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as ASGI asks."""
        given = Headers(scope=scope).get(_HEADER) if scope["type"] == "http" else None
        if given in (None, self._version):
            await self._app(scope, receive, send)
        else:
            await PlainTextResponse("another version of the desk: open the page anew", 409)(scope, receive, send)
