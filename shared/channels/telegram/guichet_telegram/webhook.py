"""Telegram's webhook. 200 is a promise: the broker holds the message. Source: core.telegram.org/bots/api#setwebhook."""

import hmac
from collections.abc import Awaitable, Callable
from datetime import datetime

from fastapi import APIRouter, Request, Response

from guichet.channel.addresses import TELEGRAM_UPDATES
from guichet.channel.draft import Draft
from guichet.channel.edge import Edge
from guichet.channel.refusals import UnverifiedSourceError
from guichet.channel.web import read_body
from guichet.contracts.topics import INBOUND_SOCIAL, MIB
from guichet.runtime.telemetry.metrics import UPDATES_IGNORED
from guichet_telegram.late_files import Completed
from guichet_telegram.read.update import Ignored, IncomingTelegram

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  # the header's name
MOST_BYTES = 8 * MIB

ParseUpdate = Callable[[bytes, datetime], IncomingTelegram | Ignored]
SalvageUpdate = Callable[[bytes, datetime], Draft]
Complete = Callable[[IncomingTelegram], Awaitable[Completed]]
Follow = Callable[[Completed], None]


def telegram_routes(
    *,
    edge: Edge,
    secret: str,
    parse: ParseUpdate,
    salvage: SalvageUpdate,
    complete: Complete,
    follow: Follow,
    now: Callable[[], datetime],
) -> APIRouter:
    """Return Telegram's one route. secret: what setWebhook agreed on. complete: fetches the files.

    follow: hears of each message that was accepted, whose files may have to follow.
    """
    routes = APIRouter()

    async def read(payload: bytes) -> Completed | None:
        incoming = parse(payload, now())
        if isinstance(incoming, Ignored):
            UPDATES_IGNORED.labels("telegram", incoming.kind).inc()
            return None
        return await complete(incoming)

    def salvage_now(payload: bytes) -> Draft:
        return salvage(payload, now())

    async def receive(request: Request) -> Response:
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), secret.encode()):
            raise UnverifiedSourceError("the secret token is not the one that setWebhook agreed on")
        completed: Completed | None = None

        async def read_draft(payload: bytes) -> Draft | None:
            nonlocal completed
            completed = await read(payload)
            return completed.draft if completed is not None else None

        await edge.receive(INBOUND_SOCIAL, await read_body(request, MOST_BYTES), read_draft, salvage_now)
        if completed is not None:
            follow(completed)
        return Response()

    routes.add_route(TELEGRAM_UPDATES, receive, methods=["POST"])
    return routes
