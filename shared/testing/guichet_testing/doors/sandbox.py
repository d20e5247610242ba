"""For the sandbox's own tests: a town that writes down what it is told, and the sandbox served."""

# ruff: noqa: ASYNC110, N802, S105 - waits by looking, aiosmtpd's names, invented secrets

import asyncio
import contextlib
import socket
from collections import deque
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import aiosmtplib
import uvicorn
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from citizen_sandbox.app import build_sandbox, choose
from citizen_sandbox.play.broken import broken_tile
from citizen_sandbox.play.discovery import find_tiles
from citizen_sandbox.play.tile import Tile
from citizen_sandbox.settings import SandboxSettings

PUBLIC_URL = "https://guichet.mairie.example"
TELEGRAM_TOKEN = "123456:test-Token_0"


@dataclass
class Seen:
    """A request that reached the town."""

    path: str
    headers: dict[str, str]
    form: dict[str, str]
    body: bytes


@dataclass
class Town:
    """What the town was told, and what it answers next, a status or the whole (then 204, or 250 for mail)."""

    requests: list[Seen] = field(default_factory=list)
    statuses: deque[int | Response] = field(default_factory=deque)
    mails: list[tuple[Envelope, bytes]] = field(default_factory=list)
    mail_answers: deque[str] = field(default_factory=deque)
    http_port: int = 0
    lmtp_port: int = 0

    def received(self, path: str) -> list[Seen]:
        """Return the requests to paths that start so."""
        return [seen for seen in self.requests if seen.path.startswith(path)]

    async def received_times(self, path: str, count: int) -> list[Seen]:
        """Return them once there are `count`. Raises TimeoutError after 10 s."""
        async with asyncio.timeout(10):
            while len(self.received(path)) < count:
                await asyncio.sleep(0.02)
        return self.received(path)

    async def hear(self, request: Request) -> Response:
        """Write a request down and answer the next status."""
        body = await request.body()
        form = {name: str(value) for name, value in (await request.form()).items()}
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        self.requests.append(Seen(path, dict(request.headers), form, body))
        answer = self.statuses.popleft() if self.statuses else 204
        return answer if isinstance(answer, Response) else Response(status_code=answer)

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take every mailbox but `personne@`."""
        if address.startswith("personne@"):
            return "550 5.1.1 unknown mailbox"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:
        """Take a mail, or give the next answer; one line per recipient (RFC 2033)."""
        if self.mail_answers:
            return self.mail_answers.popleft()
        content = envelope.content
        self.mails.append((envelope, content if isinstance(content, bytes) else b""))
        return "\r\n".join(f"250 2.0.0 <{recipient}> queued" for recipient in envelope.rcpt_tos)

    def forget(self) -> None:
        """Forget everything, and answer well again."""
        for memory in (self.requests, self.statuses, self.mails, self.mail_answers):
            memory.clear()


class QuietServer(uvicorn.Server):
    """Leaves the signals to pytest."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Install no handler."""
        yield


@contextlib.asynccontextmanager
async def served(app: Any, listening: socket.socket) -> AsyncIterator[None]:
    """Serve an ASGI application in this very loop."""
    config = uvicorn.Config(app, log_config=None, log_level="warning", access_log=False, timeout_graceful_shutdown=1)
    server = QuietServer(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:
        await asyncio.sleep(0.01)
    yield
    server.should_exit = True
    await serving


@dataclass
class Running:
    """The sandbox's addresses."""

    url: str
    smtp_port: int

    async def take_mail(self, mail: bytes, to: str = "amina.benali@courriel.example") -> Any:
        """Hand over a mail of the town's, by SMTP; return what the relay answered."""
        return await aiosmtplib.send(
            mail, sender="contact@mairie.example", recipients=[to], hostname="127.0.0.1", port=self.smtp_port
        )


@contextlib.asynccontextmanager
async def running_town() -> AsyncIterator[Town]:
    """Serve a town's webhooks and LMTP on free ports."""
    town, listening = Town(), free_port()
    town.http_port = listening.getsockname()[1]
    lmtp = await asyncio.get_running_loop().create_server(lambda: LMTP(town, enable_SMTPUTF8=True), "127.0.0.1", 0)
    town.lmtp_port = lmtp.sockets[0].getsockname()[1]
    web = Starlette(routes=[Route("/{path:path}", town.hear, methods=["GET", "POST"])])
    async with served(web, listening), lmtp:
        yield town


@contextlib.asynccontextmanager
async def running_sandbox(town: Town, *more: Tile[Any], **environment: str) -> AsyncIterator[Running]:
    """Serve the sandbox on free ports, with the town behind it.

    more: tiles besides those that packages offer, or in their place. environment: what they read besides
    `environment_of`.
    """
    listening = free_port()
    port = listening.getsockname()[1]
    own = [tile for tile in find_tiles(otherwise=broken_tile) if tile.key not in {each.key for each in more}]
    sandbox = build_sandbox(settings_for(port), choose([*own, *more], environment_of(town) | environment))
    sink = await asyncio.get_running_loop().create_server(sandbox.listeners[0].protocol, "127.0.0.1", 0)
    async with served(sandbox.web, listening), sink:
        yield Running(f"http://127.0.0.1:{port}", sink.sockets[0].getsockname()[1])


def free_port() -> socket.socket:
    """Listen on a port that the system chooses."""
    return socket.create_server(("127.0.0.1", 0))


def settings_for(port: int) -> SandboxSettings:
    """Return settings with short pauses."""
    return SandboxSettings(sandbox_http_port=port, sandbox_first_retry=timedelta(milliseconds=50))


def environment_of(town: Town) -> dict[str, str]:
    """Return what the tiles read: short pauses, and a public address that differs from the local one."""
    town_url = f"http://127.0.0.1:{town.http_port}"
    return {
        "GUICHET_SANDBOX_LMTP_PORT": str(town.lmtp_port),
        "GUICHET_SANDBOX_SMS_WEBHOOK_URL": f"{town_url}/webhooks/twilio/messages",
        "GUICHET_SANDBOX_TELEGRAM_WEBHOOK_URL": f"{town_url}/webhooks/telegram",
        "GUICHET_SANDBOX_STATUS_PAUSE": "PT0.005S",
        "GUICHET_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "GUICHET_TWILIO_AUTH_TOKEN": "un-jeton",
        "GUICHET_TWILIO_NUMBER": "+33939000000",
        "GUICHET_TWILIO_WHATSAPP_NUMBER": "+33939000001",
        "GUICHET_TWILIO_PUBLIC_URL": PUBLIC_URL,
        "GUICHET_TELEGRAM_TOKEN": TELEGRAM_TOKEN,
        "GUICHET_TELEGRAM_WEBHOOK_SECRET": "un-secret",
        "GUICHET_TELEGRAM_PUBLIC_URL": PUBLIC_URL,
    }
