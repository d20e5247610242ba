"""What becomes of a message, or of a word on one, that Twilio hands over or lists."""

from datetime import datetime
from typing import Protocol

from cachetools import FIFOCache

from guichet.channel.draft import Draft
from guichet.channel.edge import Edge
from guichet.contracts.delivery import DeliveryReported
from guichet.contracts.topics import DELIVERY_REPORTS, INBOUND_SMS
from guichet.errors import PermanentError
from guichet.ids import MessageId
from guichet.privacy.pseudonyms import message_id
from ingest_sms.domain.form import Form
from ingest_sms.domain.parse_sms import IncomingSms, parse_sms, read_address, salvage_sms
from ingest_sms.domain.parse_status import parse_status

REMEMBERED = 20_000  # more than a town receives before its router has them in the store


class Complete(Protocol):
    """Fetches the files of a message. patient: see guichet.channel.provider_files.fetch_files."""

    async def __call__(self, incoming: IncomingSms, *, patient: bool) -> Draft: ...


class SmsHandler:
    """Takes messages and reports in, and remembers Twilio's ids of those that are safe."""

    def __init__(self, *, edge: Edge, message_id_key: bytes, complete: Complete) -> None:
        self._edge = edge
        self._key = message_id_key
        self._complete = complete
        self._safe = FIFOCache[str, None](REMEMBERED)

    async def take(self, body: bytes, form: Form, received_at: datetime, *, patient: bool = True) -> None:
        """Return once the message is safe, read or unreadable. form: what Twilio's body says.

        Raises TransientError; FileLateError where it waits for a file and may (patient).
        """
        await self._edge.receive(
            INBOUND_SMS,
            body,
            lambda _: self._complete(parse_sms(form, key=self._key, received_at=received_at), patient=patient),
            lambda _: salvage_sms(body, form, key=self._key, received_at=received_at),
        )
        self._safe[form.get("MessageSid", "")] = None

    async def report(self, body: bytes, form: Form, outbound_id: str, at: datetime) -> None:
        """Return once Twilio's word on a message of the town's is safe. at: when it was said. Raises TransientError."""
        await self._edge.relay(DELIVERY_REPORTS, body, lambda _: _told(form, outbound_id, at))
        self._safe[_word(form.get("MessageSid", ""), form.get("MessageStatus", ""))] = None

    def message_id(self, form: Form) -> MessageId | None:
        """Return under which id a message is filed; None where nobody can tell."""
        try:
            channel, account = read_address(form.get("To", ""))
            return message_id(self._key, channel, account, form.get("MessageSid", ""))
        except PermanentError:
            return None

    def is_safe(self, sid: str) -> bool:
        """Return whether this process has already taken the message in."""
        return sid in self._safe

    def is_reported(self, sid: str, status: str) -> bool:
        """Return whether this process has already passed that word on."""
        return _word(sid, status) in self._safe


def _word(sid: str, status: str) -> str:
    return f"{sid} {status}"


async def _told(form: Form, outbound_id: str, at: datetime) -> DeliveryReported:
    return parse_status(form, outbound_id, at=at)
