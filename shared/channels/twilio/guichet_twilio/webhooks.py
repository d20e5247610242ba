"""Twilio's two webhooks. 200 is a promise: the broker holds the message or the report."""

from collections.abc import Callable
from datetime import datetime

from fastapi import FastAPI, Request, Response

from guichet.channel.addresses import TWILIO_MESSAGES, TWILIO_STATUS
from guichet.channel.web import read_body, webhook_app
from guichet.contracts.topics import MIB
from guichet.runtime.telemetry.probing_alarm import Probing
from ingest_sms.domain.form import Form, read_form
from ingest_sms.domain.signature import TwilioSignature, requested_target
from ingest_sms.handlers.take_message import SmsHandler

MOST_BYTES = 4 * MIB
NO_REPLY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


def build_webhook(
    *,
    handler: SmsHandler,
    signature: TwilioSignature,
    now: Callable[[], datetime],
    probing: Probing | None = None,
) -> FastAPI:
    """Serve both routes. Neither reads a field before the signature is checked."""
    web = webhook_app("sms", probing=probing)

    async def signed_form(request: Request) -> tuple[bytes, Form]:
        body = await read_body(request, MOST_BYTES)
        form = read_form(body)
        signature.verify(requested_target(request.scope), form, request.headers)
        return body, form

    async def receive_message(request: Request) -> Response:
        body, form = await signed_form(request)
        await handler.take(body, form, now())
        return Response(NO_REPLY, media_type="text/xml")

    async def receive_status(request: Request) -> Response:
        body, form = await signed_form(request)
        outbound_id = request.query_params.get("outbound_id", "")
        await handler.report(body, form, outbound_id, now())
        return Response(status_code=204)

    web.add_route(TWILIO_MESSAGES, receive_message, methods=["POST"])
    web.add_route(TWILIO_STATUS, receive_status, methods=["POST"])
    return web
