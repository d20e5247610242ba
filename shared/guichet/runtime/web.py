"""Where every service's web app begins."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from fastapi import FastAPI

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def web_app(*, lifespan: Lifespan | None = None) -> FastAPI:
    """Return a FastAPI app without documentation pages and without FastAPI's own telemetry.

    Its spans and logs quote URLs and errors, and so persons and follow tokens, to whatever listens;
    and four spans a request were measured to cost a webhook more than all that Guichet does with it.
    """
    return FastAPI(
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=lifespan,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
