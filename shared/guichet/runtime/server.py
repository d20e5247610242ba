"""Serve a web app on the service's own port, until told to stop."""

import signal
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager

import structlog
import uvicorn
from starlette.applications import Starlette

from guichet.errors import SettingsError
from guichet.runtime.garbage import settle
from guichet.runtime.settings import HttpSettings

log = structlog.get_logger()


class Server(uvicorn.Server):
    """uvicorn without its own logging and, inside a worker, without its own signal handling."""

    @property
    def port(self) -> int:
        """The bound port, once started."""
        bound: int = self.servers[0].sockets[0].getsockname()[1]
        return bound

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Stop on SIGTERM and SIGINT. uvicorn raises the signal again afterwards: the process would then die before
        it closed what it had opened, with a status that looks like a crash."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def build_server(web: Starlette, http: HttpSettings, *, graceful_s: int = 5) -> Server:
    """Return a server for `web`; run it with `await server.serve()`. Access logs are off: URLs may carry tokens."""
    return Server(
        uvicorn.Config(
            web,
            host=http.http_host,
            port=http.http_port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=graceful_s,
            lifespan="on",
        )
    )


def require_free_port(http: HttpSettings) -> None:
    """Raise SettingsError naming the setting when the port is taken."""
    if not http.http_port:
        return
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((http.http_host, http.http_port))
        except OSError as exc:
            raise SettingsError(
                f"Port {http.http_port} on {http.http_host} is taken. Stop what uses it, or set GUICHET_HTTP_PORT."
            ) from exc


async def serve(web: Starlette, http: HttpSettings) -> None:
    """Serve `web` until SIGTERM or SIGINT. Raises SettingsError when the port is taken."""
    require_free_port(http)
    settle()
    log.info("serving", host=http.http_host, port=http.http_port)
    await build_server(web, http).serve()
