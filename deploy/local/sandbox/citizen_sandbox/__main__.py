"""Play the citizens of the example town. Start it with: python -m citizen_sandbox"""

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from pydantic import ValidationError

from citizen_sandbox.app import build_health, build_sandbox
from citizen_sandbox.mail.sink import smtp_session
from citizen_sandbox.play.clock import follow
from citizen_sandbox.settings import SandboxSettings, explain


def main() -> None:
    """Read the settings, take the three ports, serve until SIGTERM or SIGINT."""
    try:
        settings = SandboxSettings()
    except ValidationError as exc:
        sys.exit(explain(exc))
    follow(settings.clock_file)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    host = settings.sandbox_http_host
    http = take_port(host, settings.sandbox_http_port, "GUICHET_SANDBOX_HTTP_PORT")
    smtp = take_port(host, settings.sandbox_smtp_port, "GUICHET_SANDBOX_SMTP_PORT")
    health = take_port(settings.sandbox_health_host, settings.sandbox_health_port, "GUICHET_SANDBOX_HEALTH_PORT")
    for number in (signal.SIGTERM, signal.SIGINT):  # uvicorn stops gracefully, then raises it again
        signal.signal(number, lambda *_: sys.exit(0))
    asyncio.run(serve(settings, http, smtp, health))


def take_port(host: str, port: int, variable: str) -> socket.socket:
    """Listen on the port. Exits with a line naming the setting when somebody else has it."""
    try:
        return socket.create_server((host, port))
    except OSError as exc:
        sys.exit(f"port {port} on {host} cannot be used ({exc.strerror}): set {variable} to a free one")


async def serve(settings: SandboxSettings, http: socket.socket, smtp: socket.socket, health: socket.socket) -> None:
    """Serve the page, the APIs, the SMTP sink and the health page until the process is told to stop."""
    sandbox = build_sandbox(settings)
    sink = await asyncio.get_running_loop().create_server(lambda: smtp_session(sandbox.sink), sock=smtp)
    # an open page holds its stream of events for ever: two seconds are politeness enough
    config = uvicorn.Config(sandbox.web, log_level="warning", access_log=False, timeout_graceful_shutdown=2)
    async with sink, serving_health(health):
        await uvicorn.Server(config).serve(sockets=[http])


@asynccontextmanager
async def serving_health(listening: socket.socket) -> AsyncIterator[None]:
    """Serve the health page while the block runs: uvicorn without its main loop, which would ask to be told to stop."""
    config = uvicorn.Config(build_health(), log_level="warning", access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listening])
    try:
        yield
    finally:
        await server.shutdown(sockets=[listening])


if __name__ == "__main__":
    main()
