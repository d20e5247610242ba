"""What Guichet's sender and its fetching of files meet: the provider's own addresses."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import JSONResponse

from citizen_sandbox.play.entry import Direction, Entry
from citizen_sandbox.play.lost_answer import lose_the_answer
from citizen_sandbox.play.misbehaviour import Misbehaviour
from citizen_sandbox.play.tile import Kit
from citizen_sandbox.play.webhook.provider import Answer, Refusal, WebhookProvider
from citizen_sandbox.play.webhook.troubles import Troubles

Knows = Callable[[str], bool]
Deliver = Callable[[Answer], Awaitable[Entry]]


def build_webhook_api(provider: WebhookProvider, token: str, kit: Kit, knows: Knows, deliver: Deliver) -> APIRouter:
    """Return the routes. token: what the town must show; empty: nothing. knows: whether an address is somebody's."""
    web = APIRouter()
    troubles, misbehaviour = Troubles(provider.key), kit.misbehaviour

    def refusal(answer: Answer) -> Refusal | None:
        if misbehaviour.strikes(troubles.blocked):
            return provider.blocked
        if misbehaviour.strikes(troubles.unreachable) or not knows(answer.address):
            return provider.unreachable
        return None

    @web.post(provider.api)
    async def take(request: Request) -> Response:
        _check_token(request, token)
        if broken := _ordered(troubles, misbehaviour):
            return broken
        answer = await _read(request, provider)
        if refused := refusal(answer):
            return JSONResponse(dict(refused.body), refused.status)
        entry = await deliver(answer)
        if misbehaviour.strikes(troubles.answer_lost):
            await kit.journal.note_lost(entry.channel, entry.provider_id)
            return await lose_the_answer(request)
        return JSONResponse(dict(provider.accepted(entry.provider_id)))

    @web.get(f"/{provider.key}/files/{{number}}/{{place}}")
    async def file(number: int, place: int) -> Response:
        entry = kit.journal.find(number)
        is_known = entry is not None and entry.channel == provider.channel_name and entry.direction is Direction.SENT
        if entry is None or not is_known or not 0 <= place < len(entry.attachments):
            raise HTTPException(404, "no such file")
        kept = entry.attachments[place]  # never shown as a page, whatever type it says it is
        return Response(kept.content, media_type=kept.media_type, headers={"Content-Disposition": "attachment"})

    return web


def _ordered(troubles: Troubles, misbehaviour: Misbehaviour) -> Response | None:
    if throttled := misbehaviour.strike(troubles.throttled):
        return JSONResponse({"error": "throttled"}, 429, {"Retry-After": str(throttled.retry_after)})
    if misbehaviour.strikes(troubles.error):
        return JSONResponse({"error": "internal"}, 500)
    return None


def _check_token(request: Request, token: str) -> None:
    shown = request.headers.get("authorization", "").removeprefix("Bearer ")
    if token and not secrets.compare_digest(shown.encode(), token.encode()):
        raise HTTPException(401, "wrong token")


async def _read(request: Request, provider: WebhookProvider) -> Answer:
    try:
        body: Mapping[str, Any] = await request.json()
        return provider.read(body)
    except (KeyError, TypeError, ValueError) as exc:
        raise HTTPException(400, f"{provider.key} cannot read this: {type(exc).__name__} {exc}") from exc
