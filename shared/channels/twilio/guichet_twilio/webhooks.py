"""Twilio's two webhooks: citizens' messages, and what became of ours. Its list brings the same, read alike."""

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Protocol
from urllib.parse import parse_qsl, urlsplit
from weakref import WeakKeyDictionary

from guichet.channel.draft import Draft
from guichet.channel.lent import Host
from guichet.channel.payload import Incoming, Payload
from guichet.contracts.delivery import DeliveryReported
from guichet.contracts.inbound_content import PHONE_NUMBER, Identifier
from guichet.errors import PermanentError
from guichet.ids import MessageId
from guichet_twilio.api import twilio_api
from guichet_twilio.fetch_media import TwilioMedia
from guichet_twilio.read.form import Form, read_form
from guichet_twilio.read.parse_sms import IncomingSms, parse_sms, read_address, salvage_sms
from guichet_twilio.read.parse_status import parse_status
from guichet_twilio.read.signature import TwilioSignature
from guichet_twilio.settings import TwilioSettings
from guichet_twilio.sign import signature_of


class Complete(Protocol):
    """Fetches the files of a message. patient: see guichet.channel.provider_files.fetch_files."""

    async def __call__(self, incoming: IncomingSms, *, patient: bool) -> Draft: ...


class TwilioForms(Incoming):
    """Forms that Twilio signs. Each is taken apart once."""

    def __init__(self, signature: TwilioSignature, host: Host) -> None:
        self._signature = signature
        self._host = host
        self._forms = WeakKeyDictionary[Payload, Form]()

    def verify(self, payload: Payload) -> None:
        self._signature.verify(payload.target, self._form(payload), payload.headers)

    def _form(self, payload: Payload) -> Form:
        form = self._forms.get(payload)
        if form is None:
            form = self._forms[payload] = read_form(payload.body)
        return form


class TwilioMessages(TwilioForms):
    """Citizens' messages."""

    def __init__(self, signature: TwilioSignature, host: Host, complete: Complete) -> None:
        super().__init__(signature, host)
        self._complete = complete

    async def read(self, payload: Payload, *, patient: bool = True) -> Draft:
        """Return the message with its files. Raises FileLateError where it waits for one and may (patient)."""
        sms = parse_sms(self._form(payload), name=self._host.message_id, arrived_at=payload.at)
        return await self._complete(sms, patient=patient)

    def senders(self, payload: Payload) -> Iterable[Identifier]:
        return _telephones(self._form(payload).get("From", ""))

    def salvage(self, payload: Payload) -> Draft:
        form = self._form(payload)
        return salvage_sms(payload.body, form, name=self._host.message_id, arrived_at=payload.at)

    def handled(self, payload: Payload) -> None:
        self._host.safe.add(self._form(payload).get("MessageSid", ""))

    async def take(self, payload: Payload, *, patient: bool) -> None:
        """Take in what no webhook brought. Raises TransientError; FileLateError: see read."""
        await self._host.receive(payload, partial(self.read, patient=patient), self.senders, self.salvage)
        self.handled(payload)

    def message_id(self, form: Form) -> MessageId | None:
        """Return under which id a message is filed; None where nobody can tell."""
        try:
            channel, account = read_address(form.get("To", ""))
            return self._host.message_id(channel, account, form.get("MessageSid", ""))
        except PermanentError:
            return None


class TwilioReports(TwilioForms):
    """Twilio's words on the town's messages."""

    async def read(self, payload: Payload) -> DeliveryReported:
        """Return the report on the message that the callback's address names. Raises PermanentError."""
        asked = dict(parse_qsl(urlsplit(payload.target).query, keep_blank_values=True))
        return parse_status(self._form(payload), asked.get("outbound_id", ""), at=payload.at)

    def senders(self, payload: Payload) -> Iterable[Identifier]:
        """Return whom the town wrote to: the report is about nobody else."""
        return _telephones(self._form(payload).get("To", ""))

    def handled(self, payload: Payload) -> None:
        form = self._form(payload)
        self._host.safe.add(word(form.get("MessageSid", ""), form.get("MessageStatus", "")))

    async def take(self, payload: Payload) -> None:
        """Take in what no callback brought. Raises TransientError."""
        await self._host.relay(payload, self.read, self.senders)
        self.handled(payload)


def word(sid: str, status: str) -> str:
    """Return by what name it is remembered that a status of a message is known."""
    return f"{sid} {status}"


def _telephones(address: str) -> Iterator[Identifier]:
    number = address.rpartition(":")[2].strip()
    if number:
        yield Identifier(kind=PHONE_NUMBER, value=number)


@asynccontextmanager
async def open_messages(settings: TwilioSettings, host: Host) -> AsyncIterator[TwilioMessages]:
    """Open what reads citizens' messages."""
    async with twilio_api(settings) as api:
        yield TwilioMessages(signature_of(settings), host, TwilioMedia(api).complete)


@asynccontextmanager
async def open_reports(settings: TwilioSettings, host: Host) -> AsyncIterator[TwilioReports]:
    """Open what reads Twilio's words on ours."""
    yield TwilioReports(signature_of(settings), host)
