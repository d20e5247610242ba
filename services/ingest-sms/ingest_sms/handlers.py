"""What becomes of a message that Twilio hands over or lists."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime

from guichet.channel.draft import Draft
from guichet.channel.edge import Edge
from guichet.contracts.topics import INBOUND_SMS
from ingest_sms.form import Form
from ingest_sms.parse_sms import IncomingSms, parse_sms, salvage_sms

REMEMBERED = 20_000  # some days of a town's messages

Complete = Callable[[IncomingSms], Awaitable[Draft]]


class SmsHandler:
    """Takes messages in, and remembers Twilio's ids of those that are safe. complete: fetches the files."""

    def __init__(self, *, edge: Edge, message_id_key: bytes, complete: Complete) -> None:
        self._edge = edge
        self._key = message_id_key
        self._complete = complete
        self._safe: OrderedDict[str, None] = OrderedDict()

    async def take(self, body: bytes, form: Form, received_at: datetime) -> None:
        """Return once the message is safe, read or unreadable. form: what Twilio's body says. Raises TransientError."""

        async def read(_body: bytes) -> Draft:
            return await self._complete(parse_sms(form, key=self._key, received_at=received_at))

        def salvage(_body: bytes) -> Draft:
            return salvage_sms(body, form, key=self._key, received_at=received_at)

        await self._edge.receive(INBOUND_SMS, body, read, salvage)
        self._remember(form.get("MessageSid", ""))

    def is_safe(self, sid: str) -> bool:
        """Return whether this process has already taken the message in."""
        return sid in self._safe

    def _remember(self, sid: str) -> None:
        self._safe[sid] = None
        while len(self._safe) > REMEMBERED:
            self._safe.popitem(last=False)
