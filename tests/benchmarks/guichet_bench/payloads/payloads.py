"""What citizens send, as the providers hand it over. Invented people, numbers kept for fiction; each message once."""

import json
import secrets
import time
from collections.abc import Iterable, Iterator
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from guichet_bench.wires.http_wire import post
from guichet_telegram.addresses import TELEGRAM_UPDATES
from guichet_topology.environment import Environment
from guichet_twilio.addresses import TWILIO_MESSAGES

TEXT = (
    "Bonjour, le lampadaire devant l'école Jean-Moulin clignote depuis lundi et s'éteint la nuit. "
    "Pouvez-vous envoyer quelqu'un ? Merci d'avance, à bientôt."
)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}


def phone_of(number: int) -> str:
    """Return the phone of one of a million invented citizens."""
    return f"+33639{number % 1_000_000:06}"


def sms_form(number: int, *, to: str, account: str) -> dict[str, str]:
    """Return the form of one SMS, with the fields that Twilio always sends."""
    return {
        "ToCountry": "FR",
        "ToState": "",
        "SmsMessageSid": (sid := f"SM{secrets.token_hex(16)}"),
        "NumMedia": "0",
        "ToCity": "",
        "FromZip": "",
        "SmsSid": sid,
        "FromState": "",
        "SmsStatus": "received",
        "FromCity": "",
        "Body": f"{TEXT} ({number})",
        "FromCountry": "FR",
        "To": to,
        "ToZip": "",
        "NumSegments": "2",
        "MessageSid": sid,
        "AccountSid": account,
        "From": phone_of(number),
        "ApiVersion": "2010-04-01",
    }


def sms_requests(numbers: Iterable[int], environment: Environment) -> Iterator[tuple[bytes]]:
    """Yield signed POSTs as Twilio sends them. environment: of ingest-sms."""
    validator = RequestValidator(environment["GUICHET_TWILIO_AUTH_TOKEN"])
    address = environment["GUICHET_TWILIO_PUBLIC_URL"].rstrip("/") + TWILIO_MESSAGES
    to, account = environment["GUICHET_TWILIO_NUMBER"], environment["GUICHET_TWILIO_ACCOUNT_SID"]
    for number in numbers:
        form = sms_form(number, to=to, account=account)
        signature = validator.compute_signature(address, form)
        headers = {**FORM, "X-Twilio-Signature": signature, "User-Agent": "TwilioProxy/1.1"}
        yield post(TWILIO_MESSAGES, urlencode(form).encode(), headers)


def telegram_update(number: int) -> dict[str, object]:
    """Return one update: a private message."""
    person = {
        "id": 700_000_000 + number,
        "is_bot": False,
        "first_name": "Ana",
        "last_name": "Petit",
        "language_code": "fr",
    }
    message = {
        "message_id": secrets.randbelow(2**31),
        "from": person,
        "chat": {"id": person["id"], "first_name": "Ana", "last_name": "Petit", "type": "private"},
        "date": int(time.time()),
        "text": f"{TEXT} ({number})",
    }
    return {"update_id": secrets.randbelow(2**31), "message": message}


def telegram_requests(numbers: Iterable[int], environment: Environment) -> Iterator[tuple[bytes]]:
    """Yield POSTs as Telegram sends them. environment: of ingest-social."""
    headers = {**JSON, "X-Telegram-Bot-Api-Secret-Token": environment["GUICHET_TELEGRAM_WEBHOOK_SECRET"]}
    for number in numbers:
        yield post(TELEGRAM_UPDATES, json.dumps(telegram_update(number)).encode(), headers)
