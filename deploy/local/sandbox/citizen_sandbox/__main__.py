"""Play the citizens of the example town. Start it with: python -m citizen_sandbox"""

import asyncio
import logging
import signal
import socket
import sys

import uvicorn
from pydantic import ValidationError

from citizen_sandbox.app import build_sandbox
from citizen_sandbox.mail.sink import smtp_session
from citizen_sandbox.settings import SandboxSettings, explain


def main() -> None:
    """Read the settings, take the two ports, serve until SIGTERM or SIGINT."""
    try:
        settings = SandboxSettings()
    except ValidationError as exc:
        sys.exit(explain(exc))
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    host = settings.sandbox_http_host
    http = take_port(host, settings.sandbox_http_port, "GUICHET_SANDBOX_HTTP_PORT")
    smtp = take_port(host, settings.sandbox_smtp_port, "GUICHET_SANDBOX_SMTP_PORT")
    for number in (signal.SIGTERM, signal.SIGINT):  # uvicorn stops gracefully, then raises it again
        signal.signal(number, lambda *_: sys.exit(0))
    asyncio.run(serve(settings, http, smtp))


def take_port(host: str, port: int, variable: str) -> socket.socket:
    """Listen on the port. Exits with a line naming the setting when somebody else has it."""
    try:
        return socket.create_server((host, port))
    except OSError as exc:
        sys.exit(f"port {port} on {host} cannot be used ({exc.strerror}): set {variable} to a free one")


async def serve(settings: SandboxSettings, http: socket.socket, smtp: socket.socket) -> None:
    """Serve the page, the APIs and the SMTP sink until the process is told to stop."""
    sandbox = build_sandbox(settings)
    sink = await asyncio.get_running_loop().create_server(lambda: smtp_session(sandbox.sink), sock=smtp)
    # an open page holds its stream of events for ever: two seconds are politeness enough
    config = uvicorn.Config(sandbox.web, log_level="warning", access_log=False, timeout_graceful_shutdown=2)
    async with sink:
        await uvicorn.Server(config).serve(sockets=[http])


if __name__ == "__main__":
    main()
