"""Serve what a service shows: its pages or webhooks on its public port, its health on an address for operators."""

import signal
import socket
import threading
from collections.abc import AsyncIterator, Collection, Generator
from contextlib import asynccontextmanager, contextmanager
from ipaddress import IPv4Network, IPv6Network

import structlog
import uvicorn
from starlette.applications import Starlette

from guichet.errors import SettingsError
from guichet.runtime.garbage import tune_collector
from guichet.runtime.health import Health, probe_routes
from guichet.runtime.settings import HealthSettings, HttpSettings

log = structlog.get_logger()

Network = IPv4Network | IPv6Network


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


def build_server(
    web: Starlette, host: str, port: int, *, trusted_proxies: Collection[Network] = (), graceful_s: int = 5
) -> Server:
    """Return a server for `web`; run it with `await server.serve()`. Access logs are off: URLs may carry tokens.

    trusted_proxies: whose X-Forwarded-For says where a visitor is. Left to itself, uvicorn believes whoever connects
    from this machine, and what FORWARDED_ALLOW_IPS says.
    """
    return Server(
        uvicorn.Config(
            web,
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(trusted_proxies),
            forwarded_allow_ips=[str(network) for network in trusted_proxies],
            timeout_graceful_shutdown=graceful_s,
            lifespan="on",
        )
    )


def require_free_port(host: str, port: int, setting: str) -> None:
    """Raise SettingsError naming the setting when the port is taken."""
    if not port:
        return
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as exc:
            raise SettingsError(f"Port {port} on {host} is taken. Stop what uses it, or set {setting}.") from exc


@asynccontextmanager
async def serving_health(health: Health, where: HealthSettings) -> AsyncIterator[int]:
    """Serve health and metrics while the block runs, and give the bound port. Raises SettingsError when it is taken.

    A server of its own: what a public app knows no route to, no mistake in a public app or in a proxy can show. It runs
    without uvicorn's main loop, which would wake each process ten times a second only to keep a Date header.
    """
    require_free_port(where.health_host, where.health_port, "GUICHET_HEALTH_PORT")
    server = build_server(Starlette(routes=probe_routes(health)), where.health_host, where.health_port)
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    await server.startup()
    log.info("health served", host=where.health_host, port=server.port)
    try:
        yield server.port
    finally:
        await server.shutdown()


async def serve(web: Starlette, http: HttpSettings, health: Health) -> None:
    """Serve `web`, and `health` beside it, until SIGTERM or SIGINT. Raises SettingsError when a port is taken."""
    require_free_port(http.http_host, http.http_port, "GUICHET_HTTP_PORT")
    async with serving_health(health, http):
        tune_collector()
        log.info("serving", host=http.http_host, port=http.http_port)
        await build_server(web, http.http_host, http.http_port, trusted_proxies=http.trusted_proxies).serve()
