"""Play the citizens of the example town. Start it with: python -m citizen_sandbox"""

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import uvicorn
from pydantic import ValidationError

from citizen_sandbox.app import Sandbox, SettingsError, build_health, build_sandbox, choose
from citizen_sandbox.play.broken import broken_tile
from citizen_sandbox.play.clock import follow
from citizen_sandbox.play.discovery import find_tiles
from citizen_sandbox.play.settings import explain
from citizen_sandbox.settings import SandboxSettings


def main() -> None:
    """Read the settings, take the ports, serve until SIGTERM or SIGINT."""
    try:
        settings = SandboxSettings()
        add_packages(settings.channel_packages)
        chosen = choose(find_tiles(otherwise=broken_tile), os.environ)
    except ValidationError as exc:
        sys.exit("\n".join(explain(exc)))
    except SettingsError as exc:
        sys.exit(str(exc))
    follow(settings.clock_file)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    sandbox = build_sandbox(settings, chosen)
    host = settings.sandbox_http_host
    ports = [
        take_port(host, settings.sandbox_http_port, "GUICHET_SANDBOX_HTTP_PORT"),
        take_port(settings.sandbox_health_host, settings.sandbox_health_port, "GUICHET_SANDBOX_HEALTH_PORT"),
        *(take_port(host, listener.port, listener.variable) for listener in sandbox.listeners),
    ]
    for number in (signal.SIGTERM, signal.SIGINT):  # uvicorn stops gracefully, then raises it again
        signal.signal(number, lambda *_: sys.exit(0))
    asyncio.run(serve(sandbox, *ports))


def add_packages(folder: Path | None) -> None:
    """Let the packages of third parties be found: each lies in a folder of its own, outside the environment."""
    if folder is not None and folder.is_dir():  # a town without any has no such folder
        sys.path += [str(each) for each in sorted(folder.iterdir()) if each.is_dir()]


def take_port(host: str, port: int, variable: str) -> socket.socket:
    """Listen on the port. Exits with a line naming the setting when somebody else has it."""
    try:
        return socket.create_server((host, port))
    except OSError as exc:
        sys.exit(f"port {port} on {host} cannot be used ({exc.strerror}): set {variable} to a free one")


async def serve(sandbox: Sandbox, http: socket.socket, health: socket.socket, *others: socket.socket) -> None:
    """Serve the page, the APIs, the tiles' own ports and the health page until the process is told to stop."""
    loop = asyncio.get_running_loop()
    # an open page holds its stream of events for ever: two seconds are politeness enough
    config = uvicorn.Config(sandbox.web, log_level="warning", access_log=False, timeout_graceful_shutdown=2)
    async with AsyncExitStack() as stack:
        for listener, listening in zip(sandbox.listeners, others, strict=True):
            await stack.enter_async_context(await loop.create_server(listener.protocol, sock=listening))
        await stack.enter_async_context(serving_health(health))
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
