"""Twilio's REST API, as much of it as a town uses, with its checks. Source: twilio.com/docs/messaging/api.

The paths are Twilio's own, so that the official SDKs need nothing but another base address.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import APIRouter, Request

from citizen_sandbox.play.entry import Attachment
from citizen_sandbox.play.lost_answer import lose_the_answer
from citizen_sandbox.play.misbehaviour import Misbehaviour
from guichet_twilio.tile.account import TwilioAccount
from guichet_twilio.tile.auth import only_for
from guichet_twilio.tile.errors import TwilioError, not_found, too_many_requests
from guichet_twilio.tile.forms import WHATSAPP
from guichet_twilio.tile.message_list import read_filter, render_page
from guichet_twilio.tile.messages import API_VERSION, TwilioMessage
from guichet_twilio.tile.templates import worded
from guichet_twilio.tile.troubles import Trouble

Deliver = Callable[[TwilioMessage], Awaitable[None]]


def build_twilio_api(account: TwilioAccount, misbehaviour: Misbehaviour, deliver: Deliver) -> APIRouter:
    """Return Twilio's routes. deliver: brings an accepted message to the citizen's telephone."""

    web = APIRouter(prefix=f"/{API_VERSION}/Accounts", dependencies=[only_for(account)])

    @web.get("/{account_sid}.json")
    async def fetch_account() -> dict[str, Any]:
        return account.to_json()

    @web.post("/{account_sid}/Messages.json", status_code=201)
    async def create_message(request: Request) -> Any:
        _refuse_if_ordered(misbehaviour)
        message = account.messages.add(await _read_message(request, account))
        created = message.to_json()  # before the network moves its status
        await deliver(message)
        if misbehaviour.strikes(Trouble.ANSWER_LOST):  # the town asks the list what became of it
            return await lose_the_answer(request)
        return created

    @web.get("/{account_sid}/Messages.json")
    async def list_messages(request: Request) -> dict[str, Any]:
        found = account.messages.newest_first(read_filter(request.query_params))
        return render_page(found, request.query_params, request.url.path)

    @web.get("/{account_sid}/Messages/{sid}.json")
    async def fetch_message(request: Request, sid: str) -> dict[str, Any]:
        return _existing(account, sid, request).to_json()

    return web


def _refuse_if_ordered(misbehaviour: Misbehaviour) -> None:
    if throttled := misbehaviour.strike(Trouble.THROTTLED):
        raise too_many_requests(throttled.retry_after)
    if misbehaviour.strikes(Trouble.ERROR):
        raise TwilioError(500, 20500, "An internal server error has occurred")
    if misbehaviour.strikes(Trouble.UNSUBSCRIBED):
        raise TwilioError(400, 21610, "Attempt to send to unsubscribed recipient")


async def _read_message(request: Request, account: TwilioAccount) -> TwilioMessage:
    form = await request.form()
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    media_urls = [url for url in form.getlist("MediaUrl") if isinstance(url, str)]
    return read_outbound(fields, media_urls, account.sid, account.senders)


def _existing(account: TwilioAccount, sid: str, request: Request) -> TwilioMessage:
    message = account.messages.find(sid)
    if message is None:
        raise not_found(request.url.path)
    return message


E164 = re.compile(r"(whatsapp:)?\+[1-9]\d{6,14}")
LONGEST_BODY = 1600


def read_outbound(
    form: Mapping[str, str], media_urls: list[str], account_sid: str, own_senders: frozenset[str]
) -> TwilioMessage:
    """Return the message of a `POST Messages.json`, as just accepted. Raises TwilioError.

    form: the request's fields; own_senders: the town's numbers, WhatsApp's with its prefix.
    """
    recipient, sender, body = form.get("To", ""), form.get("From", ""), form.get("Body", "")
    _check_recipient(recipient)
    _check_sender(sender, form, own_senders)
    _check_content(body, form, media_urls)
    template = form.get("ContentSid", "")
    if template:
        body = worded(template, form.get("ContentVariables", ""))
    media = {url: Attachment(name=url.rsplit("/", 1)[-1], media_type="") for url in media_urls}
    return TwilioMessage(
        account_sid=account_sid,
        sender=sender,
        recipient=recipient,
        body=body,
        direction="outbound-api",
        status="queued",
        media=media,
        status_callback=form.get("StatusCallback", ""),
        template=template,
    )


def _check_recipient(recipient: str) -> None:
    if not recipient:
        raise TwilioError(400, 21604, "A 'To' phone number is required.")
    if not E164.fullmatch(recipient):
        raise TwilioError(400, 21211, f"Invalid 'To' Phone Number: {recipient}")


def _check_sender(sender: str, form: Mapping[str, str], own_senders: frozenset[str]) -> None:
    if not sender and "MessagingServiceSid" not in form:
        raise TwilioError(400, 21603, "A 'From' phone number is required.")
    if sender.startswith(WHATSAPP) and sender not in own_senders:
        raise TwilioError(400, 63007, "Twilio could not find a Channel with the specified From address")
    if sender and sender not in own_senders:
        raise TwilioError(400, 21659, f"'From' {sender} is not a Twilio phone number or Short Code")
    if sender and sender.startswith(WHATSAPP) is not form["To"].startswith(WHATSAPP):
        raise TwilioError(400, 21910, "Invalid From and To pair. From and To should be of the same channel")


def _check_content(body: str, form: Mapping[str, str], media_urls: list[str]) -> None:
    if not body and not media_urls and "ContentSid" not in form:
        raise TwilioError(400, 21602, "Message body is required.")
    if len(body) > LONGEST_BODY:
        raise TwilioError(400, 21617, "The concatenated message body exceeds the 1600 character limit.")
