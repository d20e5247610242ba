"""Twilio's two webhooks. 200 is a promise: the broker holds the message or the report."""

from collections.abc import Callable
from datetime import datetime

from fastapi import FastAPI, Request, Response

from guichet.channel.addresses import TWILIO_MESSAGES, TWILIO_STATUS
from guichet.channel.edge import Edge
from guichet.channel.web import read_body, webhook_app
from guichet.contracts.delivery import DeliveryReported
from guichet.contracts.topics import DELIVERY_REPORTS, MIB
from guichet.runtime.health import Health
from ingest_sms.form import read_form
from ingest_sms.handlers import SmsHandler
from ingest_sms.parse_status import parse_status
from ingest_sms.signature import TwilioSignature, requested_target

MOST_BYTES = 4 * MIB
NO_REPLY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


def build_webhook(
    *, handler: SmsHandler, edge: Edge, signature: TwilioSignature, now: Callable[[], datetime], health: Health
) -> FastAPI:
    """Serve both routes, health and metrics. Neither reads a field before the signature is checked."""
    web = webhook_app("sms", health=health)

    async def signed_body(request: Request) -> bytes:
        body = await read_body(request, MOST_BYTES)
        signature.verify(requested_target(request.scope), read_form(body), request.headers)
        return body

    @web.post(TWILIO_MESSAGES)
    async def receive_message(request: Request) -> Response:
        await handler.take(await signed_body(request), now())
        return Response(NO_REPLY, media_type="text/xml")

    @web.post(TWILIO_STATUS)
    async def receive_status(request: Request) -> Response:
        body = await signed_body(request)
        outbound_id = request.query_params.get("outbound_id", "")

        def read(payload: bytes) -> DeliveryReported:
            return parse_status(read_form(payload), outbound_id, at=now())

        await edge.relay(DELIVERY_REPORTS, body, read)
        return Response(status_code=204)

    return web
