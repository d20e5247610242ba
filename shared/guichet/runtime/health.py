"""Health: live means the loop turns, ready means the parts this service cannot do without answer."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog
from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from guichet.runtime.metrics import registry

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
            log.warning("not ready", part=name, error=type(exc).__name__)
            return True
        return False


def probe_routes(health: Health) -> APIRouter:
    """Return /health/live, /health/ready (503 names what is missing) and /metrics."""
    routes = APIRouter()

    @routes.get("/health/live", include_in_schema=False)
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @routes.get("/health/ready", include_in_schema=False)
    async def ready() -> JSONResponse:
        missing = await health.failures()
        status = 503 if missing else 200
        return JSONResponse({"status": "ready" if not missing else "not ready", "missing": missing}, status)

    @routes.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        return Response(generate_latest(registry()), media_type=CONTENT_TYPE_LATEST)

    return routes
