"""A provider's webhooks: verify, read, accept, and only then say so."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from guichet.channel.declaration import Provider, Webhook
from guichet.channel.draft import Draft
from guichet.channel.lent import Host
from guichet.channel.payload import Incoming, Payload
from guichet.channel.web import read_body
from guichet.contracts.delivery import OWN_MAIL_HEADER, DeliveryReported
from guichet.ids import MessageId
from guichet.runtime.settings import SettingsGroup

MESSAGE_ID: Final = OWN_MAIL_HEADER  # of an answer, too; the citizen sandbox shows it beside the payload


@asynccontextmanager
async def webhook_routes(
    provider: Provider[Any], settings: SettingsGroup, host: Host, *, message_ids_shown: bool = False
) -> AsyncIterator[APIRouter]:
    """Open what a provider's webhooks need, and give their routes. message_ids_shown: answers tell a message's id."""
    routes = APIRouter()
    async with AsyncExitStack() as stack:
        for webhook in provider.inbound:
            if isinstance(webhook, Webhook):
                incoming = await stack.enter_async_context(webhook.open(settings, host))
                _add(routes, webhook, incoming, host, message_ids_shown)
        yield routes


def _add(routes: APIRouter, webhook: Webhook[Any], incoming: Incoming, host: Host, message_ids_shown: bool) -> None:
    take: Callable[[Incoming, Payload, Host], Awaitable[MessageId | None]]
    take = _take_report if webhook.carries == "reports" else _take_message

    async def receive(request: Request) -> Response:
        payload = await _verified(request, webhook, incoming, host)
        message_id = await take(incoming, payload, host)
        incoming.handled(payload)
        said = webhook.accepted
        shown = {MESSAGE_ID: message_id} if message_ids_shown and message_id is not None else None
        return Response(said.body, said.status, shown, media_type=said.media_type)

    routes.add_route(webhook.path, receive, methods=["POST"])


async def _verified(request: Request, webhook: Webhook[Any], incoming: Incoming, host: Host) -> Payload:
    """Return what was posted, without what proved it. Raises UnverifiedSourceError, TooLargeError."""
    shown = kept(request, (*webhook.keeps, *webhook.proof))
    bare = Payload(body=b"", at=host.clock.now(), headers=shown, target=requested_target(request))
    if webhook.proven_by == "headers":
        incoming.verify(bare)
    payload = replace(bare, body=await read_body(request, webhook.most_bytes), at=host.clock.now())
    if webhook.proven_by != "headers":  # whatever else a channel's author wrote there, nobody goes unverified
        incoming.verify(payload)
    return replace(payload, headers=kept(request, webhook.keeps))


async def _take_message(incoming: Incoming, payload: Payload, host: Host) -> MessageId | None:
    understood: Draft | None = None

    async def read(payload: Payload) -> Draft | None:
        nonlocal understood
        said = await incoming.read(payload)
        assert not isinstance(said, DeliveryReported), "a webhook of messages read a report"
        understood = said
        return said

    safe = await host.receive(payload, read, incoming.senders, incoming.salvage)
    if understood is not None and safe == understood.message_id:
        incoming.accepted(understood)
    return safe


async def _take_report(incoming: Incoming, payload: Payload, host: Host) -> None:
    async def read(payload: Payload) -> DeliveryReported:
        said = await incoming.read(payload)
        assert isinstance(said, DeliveryReported), "a webhook of reports read something else"
        return said

    await host.relay(payload, read, incoming.senders)


def kept(request: Request, names: tuple[str, ...]) -> dict[str, str]:
    """Return those of a request's headers, by their names in lower case."""
    return {name.lower(): value for name in names if (value := request.headers.get(name)) is not None}


def requested_target(request: Request) -> str:
    """Return path and query of a request as they came over the wire, percent signs and all."""
    query = request.scope["query_string"].decode("latin-1")
    path = request.scope["raw_path"].decode("latin-1").partition("?")[0]
    return f"{path}?{query}" if query else path
