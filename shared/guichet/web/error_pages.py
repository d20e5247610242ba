"""What every site answers in the reader's language when something goes wrong: tampered, away, not there."""

from typing import Protocol

import structlog
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from guichet.errors import TransientError, UnopenableError

log = structlog.get_logger()


class ErrorPage(Protocol):
    """How a site renders a template."""

    def __call__(self, request: Request, template: str, status: int, /) -> Response:
        """Return the page."""


def add_error_pages(web: FastAPI, page: ErrorPage) -> None:
    """Answer with `tampered.html`, `away.html` or `not_found.html`; other refusals of the framework in plain text."""

    @web.exception_handler(UnopenableError)
    async def tampered(request: Request, _error: UnopenableError) -> Response:
        return page(request, "tampered.html", 409)

    @web.exception_handler(TransientError)
    async def away(request: Request, error: TransientError) -> Response:
        log.warning("page not given for now", error=str(error))
        return page(request, "away.html", 503)

    @web.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            return page(request, "not_found.html", 404)
        return PlainTextResponse(str(error.detail), error.status_code, error.headers)
