"""The forms that Twilio posts to the town, and how it signs them. Pure.

Sources: twilio.com/docs/messaging/guides/webhook-request and …/track-outbound-message-status,
twilio.com/docs/usage/webhooks/webhooks-security.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping

from citizen_sandbox.play.clock import now
from guichet_twilio.tile.messages import API_VERSION, TwilioMessage

WHATSAPP = "whatsapp:"


def inbound_form(message: TwilioMessage, profile_name: str, media_base: str) -> dict[str, str]:
    """Return the form of an incoming message.

    profile_name: WhatsApp's name of the sender; media_base: Twilio's address as the town knows it.
    """
    form = {
        "ToCountry": "FR",
        "ToState": "",
        "SmsMessageSid": message.sid,
        "NumMedia": str(len(message.media)),
        "ToCity": "",
        "FromZip": "",
        "SmsSid": message.sid,
        "FromState": "",
        "SmsStatus": "received",
        "FromCity": "",
        "Body": message.body,
        "FromCountry": "FR",
        "To": message.recipient,
        "ToZip": "",
        "NumSegments": str(message.segments),
        "MessageSid": message.sid,
        "AccountSid": message.account_sid,
        "From": message.sender,
        "ApiVersion": API_VERSION,
    }
    return form | _media_fields(message, media_base) | _whatsapp_fields(message, profile_name)


def _media_fields(message: TwilioMessage, media_base: str) -> dict[str, str]:
    fields = {}
    for position, (sid, file) in enumerate(message.media.items()):
        fields[f"MediaContentType{position}"] = file.media_type
        fields[f"MediaUrl{position}"] = media_base + message.uri.replace(".json", f"/Media/{sid}")
    return fields


def _whatsapp_fields(message: TwilioMessage, profile_name: str) -> dict[str, str]:
    if not message.sender.startswith(WHATSAPP):
        return {}
    wa_id = message.sender.removeprefix(f"{WHATSAPP}+")
    return {"ProfileName": profile_name, "WaId": wa_id, "MessageType": "image" if message.media else "text"}


def status_form(message: TwilioMessage, status: str, error_code: int | None) -> dict[str, str]:
    """Return the form of a status callback. error_code: why it failed, or None."""
    form = {
        "SmsSid": message.sid,
        "SmsStatus": status,
        "MessageStatus": status,
        "To": message.recipient,
        "MessageSid": message.sid,
        "AccountSid": message.account_sid,
        "From": message.sender,
        "ApiVersion": API_VERSION,
    }
    if message.sender.startswith(WHATSAPP):
        form |= {"ChannelPrefix": "whatsapp", "ChannelToAddress": message.recipient.removeprefix(WHATSAPP)}
    if status in ("delivered", "undelivered"):
        form["RawDlrDoneDate"] = now().strftime("%y%m%d%H%M")
    return form if error_code is None else form | {"ErrorCode": str(error_code)}


def sign(url: str, form: Mapping[str, str], auth_token: str) -> str:
    """Return the X-Twilio-Signature of a form posted to `url`.

    url: the whole public address, query included, exactly as the town registered it.
    The signed text is the url followed by every name and value, sorted by name, with nothing between.
    SHA-1 is Twilio's choice, not ours.
    """
    signed = url + "".join(name + form[name] for name in sorted(form))
    digest = hmac.new(auth_token.encode(), signed.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()
