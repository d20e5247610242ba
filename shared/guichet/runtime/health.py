"""Health: live means the loop turns, ready means the parts this service cannot do without answer."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from guichet.errors import NotAllowedError
from guichet.runtime.telemetry.metrics import registry

Check = Callable[[], Awaitable[None]]
log = structlog.get_logger()


class Health:
    """What must answer before this service counts as ready. A check raises when its part does not answer."""

    def __init__(self, patience: timedelta = timedelta(seconds=3)) -> None:
        self._checks: dict[str, Check] = {}
        self._patience = patience

    def add(self, name: str, check: Check) -> None:
        """Ask `check` under `name` at each readiness probe."""
        self._checks[name] = check

    async def failures(self) -> list[str]:
        """Return the names of the parts that do not answer; empty means ready."""
        verdicts = await asyncio.gather(*(self._fails(name, check) for name, check in self._checks.items()))
        return [name for name, fails in zip(self._checks, verdicts, strict=True) if fails]

    async def _fails(self, name: str, check: Check) -> bool:
        try:
            await asyncio.wait_for(check(), self._patience.total_seconds())
        except Exception as exc:
            error = str(exc) if isinstance(exc, NotAllowedError) else type(exc).__name__
            log.warning("not ready", part=name, error=error)
            return True
        return False


def probe_routes(health: Health) -> list[BaseRoute]:
    """Return /health/live, /health/ready (503 names what is missing) and /metrics.

    Starlette's own routes: a worker has no others, and FastAPI would take 8 MiB of it for these three.
    """

    async def live(_request: Request) -> JSONResponse:
        return JSONResponse({"status": "live"})

    async def ready(_request: Request) -> JSONResponse:
        missing = await health.failures()
        status = 503 if missing else 200
        return JSONResponse({"status": "ready" if not missing else "not ready", "missing": missing}, status)

    async def metrics(_request: Request) -> Response:
        return Response(generate_latest(registry()), media_type=CONTENT_TYPE_LATEST)

    return [Route("/health/live", live), Route("/health/ready", ready), Route("/metrics", metrics)]
