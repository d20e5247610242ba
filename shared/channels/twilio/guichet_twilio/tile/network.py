"""The telephone network behind the fake Twilio: it brings messages both ways and reports on them."""

import asyncio
from datetime import timedelta

from citizen_sandbox.play.courier import Verdict
from citizen_sandbox.play.door import Door
from citizen_sandbox.play.entry import Attachment, Direction, Entry, State
from citizen_sandbox.play.tile import Kit
from guichet_twilio.tile.account import TwilioAccount
from guichet_twilio.tile.forms import WHATSAPP, inbound_form, sign, status_form
from guichet_twilio.tile.messages import TwilioMessage, fresh_sid
from guichet_twilio.tile.troubles import Trouble

WEBHOOK_TIMEOUT = 15.0  # seconds; Twilio's own, after which it gives the webhook up
UNREACHABLE = 30003  # unreachable destination handset
OUTSIDE_WINDOW = 63016  # WhatsApp's 24 hours are over
NO_SUCH_TEMPLATE = 63027  # WhatsApp has it no more, or not in that language


class TwilioNetwork:
    """Carries messages between citizens' telephones and the town. status_pause: between two reports."""

    def __init__(
        self,
        *,
        account: TwilioAccount,
        kit: Kit,
        door: Door,
        status_pause: timedelta,
    ) -> None:
        self._account = account
        self._door = door
        self._journal = kit.journal
        self._courier = kit.courier
        self._misbehaviour = kit.misbehaviour
        self._status_pause = status_pause.total_seconds()

    async def send(
        self,
        *,
        phone: str,
        text: str,
        files: list[Attachment],
        channel: str = "sms",
        name: str = "",
        overrides: dict[str, str] | None = None,
    ) -> Entry:
        """Let a telephone write to the town.

        phone: E.164; name: WhatsApp's profile name; overrides: fields of the form to replace or add, before
        it is signed. Twilio asks a webhook once; a refused message stays in the account's list.
        """
        message = self._account.messages.add(self._inbound(phone, text, files, channel))
        form = inbound_form(message, name, self._account.api_url) | (overrides or {})
        entry = _entry(message, Direction.SENT, files)

        async def attempt() -> Verdict:
            if self._misbehaviour.strikes(Trouble.LOST_WEBHOOK):
                return Verdict(State.REFUSED, "webhook lost on the way")
            verdict = await self._post(entry, self._door.town.public_webhook, form)
            if self._misbehaviour.strikes(Trouble.DOUBLED_WEBHOOK):
                await self._post(entry, self._door.town.public_webhook, form)
            return verdict

        return await self._courier.carry(entry, attempt)

    async def send_again(self, message: TwilioMessage, entry: Entry) -> Verdict:
        """Tell the town of a telephone's message once more, as Twilio does after an answer that it did not hear."""
        form = inbound_form(message, "", self._account.api_url)
        return await self._post(entry, self._door.town.public_webhook, form)

    async def deliver(self, message: TwilioMessage) -> None:
        """Bring a message of the town to the telephone, then report on it in the background."""
        entry = _entry(message, Direction.RECEIVED, list(message.media.values()))
        if message.template and self._misbehaviour.strikes(Trouble.TEMPLATE_REFUSED):
            self._courier.start(self._report(entry, message, ["failed"], NO_SUCH_TEMPLATE))
        elif self._is_outside_window(message):
            self._courier.start(self._report(entry, message, ["failed"], OUTSIDE_WINDOW))
        elif self._misbehaviour.strikes(Trouble.UNDELIVERED):
            self._courier.start(self._report(entry, message, ["sent", "undelivered"], UNREACHABLE))
        else:
            await self._journal.add(entry)
            self._courier.start(self._report(entry, message, ["sent", "delivered"]))

    def _inbound(self, phone: str, text: str, files: list[Attachment], channel: str) -> TwilioMessage:
        is_whatsapp = channel == "whatsapp"
        prefix = WHATSAPP if is_whatsapp else ""
        number = self._account.whatsapp_number if is_whatsapp else self._account.number
        return TwilioMessage(
            account_sid=self._account.sid,
            sender=prefix + phone,
            recipient=prefix + number,
            body=text,
            direction="inbound",
            status="received",
            media={fresh_sid("ME"): file for file in files},
        )

    def _is_outside_window(self, message: TwilioMessage) -> bool:
        is_free = message.recipient.startswith(WHATSAPP) and not message.template
        return is_free and not self._account.may_write_freely(message.recipient)

    async def _report(
        self, entry: Entry, message: TwilioMessage, statuses: list[str], error_code: int | None = None
    ) -> None:
        """Post the status callbacks; the initial `queued` is the answer itself and not reported."""
        is_told = message.status_callback and not self._misbehaviour.strikes(Trouble.LOST_STATUS)
        times = 2 if self._misbehaviour.strikes(Trouble.DOUBLED_STATUS) else 1
        is_reordered = self._misbehaviour.strikes(Trouble.REORDERED_STATUS)
        for status in reversed(statuses) if is_reordered else statuses:
            await asyncio.sleep(self._status_pause)
            code = error_code if status == statuses[-1] else None
            if message.status != statuses[-1]:  # a late report does not move the message back
                message.move_to(status, code)
            for _ in range(times if is_told else 0):
                await self._post(entry, message.status_callback, status_form(message, status, code))

    async def _post(self, entry: Entry, public_url: str, form: dict[str, str]) -> Verdict:
        headers = {"X-Twilio-Signature": sign(public_url, form, self._account.auth_token)}
        return await self._door.post(
            entry, public_url, otherwise=State.REFUSED, timeout=WEBHOOK_TIMEOUT, data=form, headers=headers
        )


def _entry(message: TwilioMessage, direction: Direction, files: list[Attachment]) -> Entry:
    is_sent = direction is Direction.SENT
    citizen, town = message.sender, message.recipient
    if not is_sent:
        citizen, town = town, citizen
    return Entry(
        channel="whatsapp" if citizen.startswith(WHATSAPP) else "sms",
        direction=direction,
        address=citizen.removeprefix(WHATSAPP),
        counterpart=town.removeprefix(WHATSAPP),
        text=message.body,
        subject=f"Modèle approuvé {message.template}" if message.template else "",
        attachments=files,
        provider_id=message.sid,
    )
