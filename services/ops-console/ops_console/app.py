"""The composition root of ops-console: no access to MongoDB, the vault or any key."""

import asyncio
import ipaddress
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import httpx
from fastapi import FastAPI

from guichet.clock import SystemClock
from guichet.contracts.topics import TOPICS, Topic
from guichet.errors import SettingsError, TransientError
from guichet.runtime.health import Health
from guichet.runtime.overview import Overview
from guichet.runtime.server import serve
from guichet.town.load import load_town
from guichet.town.town import Town
from ops_console.domain.watch.watch import Limits, Watch
from ops_console.entry.pages import build_pages, build_templates
from ops_console.handlers.board import Board
from ops_console.handlers.expose_metrics import expose
from ops_console.handlers.read_broker import Broker
from ops_console.handlers.read_handbook import read_handbook
from ops_console.handlers.rounds import keep_announcing, keep_watching, look_once
from ops_console.handlers.scrape_services import scrape_all
from ops_console.handlers.send_notices import MailSender, NoticeSender, WebhookSender
from ops_console.settings import OpsConsoleSettings

SERVICE: Final = "ops-console"
LOOPBACK: Final = ["127.0.0.1", "localhost"]
_now: Final = SystemClock().now  # what it looks at keeps the machine's time: Kafka's records, when processes began
_FROZEN_AFTER: Final = timedelta(seconds=60)


async def run(settings: OpsConsoleSettings, topics: Sequence[Topic[Any]] = TOPICS) -> None:
    """Serve the console until SIGTERM. Raises SettingsError for a wrong town, address, port or mail relay."""
    require_loopback(settings)
    town = load_town(settings.town)
    board = Board()
    web, watch = build_web(settings, town, board), build_watch(settings, town)
    async with AsyncExitStack() as stack:
        targets = await stack.enter_async_context(httpx.AsyncClient(trust_env=False))  # no proxy between services
        outside = await stack.enter_async_context(httpx.AsyncClient())
        broker = Broker(settings.kafka, topics)
        stack.push_async_callback(broker.stop)
        scrape = partial(scrape_all, settings.ops_targets, targets)

        async def look() -> Overview:
            overview = await look_once(watch, broker, scrape, _now)
            expose(overview)
            return overview

        console_url = console_url_of(settings)
        work = [
            keep_watching(look, board, pause=settings.ops_sample_every),
            *(
                keep_announcing(sender, watch.book, board, town=town.name, console_url=console_url)
                for sender in build_senders(settings, town, outside)
            ),
        ]
        await _until_one_ends(serve(web, settings.http, build_health(board)), work)


async def _until_one_ends(serving: Any, work: Sequence[Any]) -> None:
    """Serve until told to stop; a round that fails ends the process, and the supervisor starts it again."""
    tasks = [asyncio.ensure_future(each) for each in (serving, *work)]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def build_web(settings: OpsConsoleSettings, town: Town, board: Board) -> FastAPI:
    """Put the pages together."""
    hosts = [*LOOPBACK, *([settings.ops_url.host] if settings.ops_url and settings.ops_url.host else [])]
    return build_pages(
        board,
        build_templates(town.name, town.facts, demonstration=town.demonstration),
        read_handbook(settings.ops_handbook),
        hosts=hosts,
    )


def build_health(board: Board) -> Health:
    """Return what says whether the console still looks."""
    health = Health()
    health.add("looking", partial(_still_looks, board, _now()))
    return health


def build_watch(settings: OpsConsoleSettings, town: Town) -> Watch:
    """Return an empty memory."""
    limits = Limits(too_old=settings.ops_lag_alarm, down_after=settings.ops_down_after)
    return Watch(town.name, settings.ops_targets, limits, started_at=_now())


def build_senders(settings: OpsConsoleSettings, town: Town, http: httpx.AsyncClient) -> list[NoticeSender]:
    """Return the ways to whoever is on call: either, both or none, as in a demonstration.

    Raises SettingsError for mail without a relay.
    """
    senders: list[NoticeSender] = []
    if town.demonstration:
        return senders
    if settings.oncall_email:
        if not settings.smtp_host:
            raise SettingsError(
                "GUICHET_ONCALL_EMAIL is set but GUICHET_SMTP_HOST is not: name the mail relay, or unset the address."
            )
        sender = settings.ops_sender or town.main_mailbox
        senders.append(MailSender(settings, sender=sender, recipient=settings.oncall_email))
    if settings.oncall_webhook_url:
        senders.append(WebhookSender(http, str(settings.oncall_webhook_url)))
    return senders


def console_url_of(settings: OpsConsoleSettings) -> str:
    """Return where people open the console, without a slash at the end."""
    return str(settings.ops_url or f"http://{settings.http.http_host}:{settings.http.http_port}").rstrip("/")


def require_loopback(settings: OpsConsoleSettings) -> None:
    """Raise SettingsError for an address that others reach: the console has no sign-in yet.

    In a container its own address says nothing: there deploy/compose.yaml publishes it on the machine's 127.0.0.1.
    """
    host = settings.http.http_host
    if settings.ops_published == "loopback":
        return
    if host != "localhost" and not _is_loopback(host):
        raise SettingsError(
            f"GUICHET_HTTP_HOST is {host!r}: ops-console has no sign-in, so it listens on 127.0.0.1 only. Reach it "
            "through an SSH tunnel, or through a proxy on the same machine that asks who is there."
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def _still_looks(board: Board, started_at: datetime) -> None:
    last = board.overview.taken_at if board.overview else started_at
    if _now() - last > _FROZEN_AFTER:
        raise TransientError("nothing was looked at for a minute")
