"""What Twilio checks in a message that the town wants to send. Pure."""

import re
from collections.abc import Mapping

from citizen_sandbox.play.entry import Attachment
from citizen_sandbox.twilio.errors import TwilioError
from citizen_sandbox.twilio.messages import TwilioMessage

E164 = re.compile(r"(whatsapp:)?\+[1-9]\d{6,14}")
LONGEST_BODY = 1600
WHATSAPP = "whatsapp:"


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
