"""Twilio's place, taking every message at once and noting when it came. Nothing is reported back."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from urllib.parse import parse_qs

import uvicorn
from fastapi import FastAPI, Request


class SilentProvider:
    """came: when the first message to each number was handed over, in `perf_counter` seconds."""

    def __init__(self) -> None:
        self.came: dict[str, float] = {}

    def app(self) -> FastAPI:
        """Return Twilio's two addresses that Guichet uses: send a message, list what came in."""
        web = FastAPI(telemetry={"tracing": False, "metrics": False, "logs": False})

        @web.post("/2010-04-01/Accounts/{account}/Messages.json", status_code=201)
        async def take(account: str, request: Request) -> dict[str, Any]:
            now = time.perf_counter()
            form = parse_qs((await request.body()).decode())
            self.came.setdefault(form["To"][0], now)
            return {"sid": f"SM{secrets.token_hex(16)}", "account_sid": account, "status": "queued"}

        @web.get("/2010-04-01/Accounts/{account}/Messages.json")
        async def listed(account: str) -> dict[str, Any]:
            return {"messages": [], "account_sid": account, "next_page_uri": None, "page": 0, "page_size": 500}

        return web

    @asynccontextmanager
    async def serving(self, port: int) -> AsyncIterator[None]:
        """Serve during the block."""
        server = _Server(uvicorn.Config(self.app(), port=port, log_config=None, access_log=False))
        running = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110  uvicorn has no event for it
            await asyncio.sleep(0.01)
        try:
            yield
        finally:
            server.should_exit = True
            await running


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave Ctrl-C to the benchmark."""
        yield
