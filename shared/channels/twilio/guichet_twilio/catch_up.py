"""Ask Twilio's list again and again, and take in what its webhooks left behind.

One process at a time does so. How far it got lies in the store, so that neither a restart nor a week away loses
anything, and nothing is published round after round (docs/decisions/0031).
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog

from guichet.channel.catch_up_rounds import Held, catching_up
from guichet.channel.lent import Host
from guichet.channel.payload import Payload
from guichet.channel.provider_files import FileLateError
from guichet.errors import TransientError
from guichet_twilio.addresses import TWILIO_MESSAGES, TWILIO_STATUS
from guichet_twilio.api import twilio_api
from guichet_twilio.fetch_media import TwilioMedia
from guichet_twilio.list_messages import TwilioMessageList
from guichet_twilio.read.form import read_form
from guichet_twilio.read.listed_messages import (
    ListedMessage,
    Span,
    as_form,
    as_status_form,
    ended_in,
    reached,
    received_in,
    untold,
)
from guichet_twilio.settings import TwilioSettings
from guichet_twilio.sign import signature_of
from guichet_twilio.webhooks import TwilioMessages, TwilioReports, word

log = structlog.get_logger()

OVERLAP: Final = timedelta(minutes=10)  # a list may show a message late, and two clocks differ
STILL_MOVING: Final = timedelta(days=2)  # an SMS is given up after 10 h (its validity period) at the latest
MOST_LATE: Final = 10  # files waited for in one round: each may take its time-out, and others wait behind it

Page = tuple[ListedMessage, ...]


@dataclass(frozen=True)
class Patience:
    """grace: what is younger is left to the webhook. files: how old a message gets before it goes without its file.

    window: how far back to look where nobody has looked yet, or a clock that ran ahead has said up to when.
    """

    grace: timedelta
    files: timedelta
    window: timedelta


@dataclass
class _Round:
    """What one listing came to. late: when the messages came that still wait for a file."""

    span: Span
    late: list[datetime] = field(default_factory=list)
    taken: int = 0

    @property
    def safe_until(self) -> datetime:
        return min([*self.late, self.span.before])


class CatchUp:
    """One look through what every number of the town received and sent."""

    def __init__(
        self,
        *,
        listed: TwilioMessageList,
        messages: TwilioMessages,
        reports: TwilioReports,
        host: Host,
        numbers: tuple[str, ...],
        patience: Patience,
    ) -> None:
        self._listed = listed
        self._messages = messages
        self._reports = reports
        self._safe = host.safe
        self._catch_ups = host.catch_ups
        self._numbers = numbers
        self._patience = patience
        self._now = host.clock.now

    async def one_round(self, held: Held) -> int:
        """Take in what was missed; return how many messages still wait for a file, and are looked at again.

        Raises TransientError where all must wait; what was done until then stays done.
        """
        late = 0
        for number in self._numbers:
            late += await self._messages_to(number, held)
            await self._reports_from(number, held)
        return late

    async def _messages_to(self, number: str, held: Held) -> int:
        listing = f"messages to {number}"
        done = _Round(await self._span(listing))
        async for page in self._listed.received_by(number, done.span.after):
            await self._take_in(page, done, held)
            told = reached(done.span, (each.created for each in page))
            await self._catch_ups.advance(listing, min(told, done.safe_until))
        if done.taken or done.late:
            log.info("caught up", messages=done.taken, wait_for_a_file=len(done.late))
        return len(done.late)

    async def _take_in(self, page: Page, done: _Round, held: Held) -> None:
        due = [each for each in received_in(page, done.span) if each.sid not in self._safe]
        ids = {each.sid: self._messages.message_id(read_form(as_form(each))) for each in due}
        there = await self._catch_ups.taken_in(each for each in ids.values() if each is not None)
        for message in due:
            if ids[message.sid] not in there:
                await held.keep()
                await self._take_or_wait(message, done)

    async def _take_or_wait(self, message: ListedMessage, done: _Round) -> None:
        patient = self._now() - message.created < self._patience.files
        try:
            if patient and message.files and len(done.late) >= MOST_LATE:
                raise FileLateError("too many files are late already")
            await self._take(message, patient=patient)
            done.taken += 1
        except FileLateError as error:
            log.warning("a message waits for its file", sid=message.sid, error=str(error))
            done.late.append(message.created)

    async def _take(self, message: ListedMessage, *, patient: bool) -> None:
        """Take one in. The town received it when Twilio took it: our outage does not move the legal date."""
        media = await self._media(message, patient=patient) if message.files else ()
        payload = Payload(as_form(message, media), at=self._now(), target=TWILIO_MESSAGES)
        await self._messages.take(payload, patient=patient)

    async def _media(self, message: ListedMessage, *, patient: bool) -> tuple[tuple[str, str], ...]:
        try:
            return await self._listed.media(message.sid)
        except TransientError as error:
            if patient:
                raise FileLateError(str(error)) from error
            return ()  # as many files as were counted are then named as missing

    async def _reports_from(self, number: str, held: Held) -> None:
        listing = f"reports of {number}"
        span = await self._span(listing)
        told = span.after
        async for page in self._listed.sent_from(number, span.after - STILL_MOVING):
            await held.keep()
            told = reached(span, [told, *(each.updated for each in page)])
            ended = [each for each in ended_in(page, span) if word(each.sid, each.status) not in self._safe]
            sent = await self._catch_ups.sent(each.sid for each in ended)
            for message, known in untold(ended, sent):
                target = f"{TWILIO_STATUS}?outbound_id={known.outbound_id}"
                await self._reports.take(Payload(as_status_form(message), at=message.updated, target=target))
        await self._catch_ups.advance(listing, told)

    async def _span(self, listing: str) -> Span:
        now = self._now()
        until = await self._catch_ups.until(listing)
        if until is None or until > now:  # nobody has looked yet, or somebody whose clock ran ahead
            until = now - self._patience.window
        return Span(after=until - OVERLAP, before=now - self._patience.grace)


@asynccontextmanager
async def listen(settings: TwilioSettings, host: Host) -> AsyncIterator[None]:
    """Catch up as long as it is open."""
    async with twilio_api(settings) as api:
        signature = signature_of(settings)
        catch_up = CatchUp(
            listed=TwilioMessageList(api, settings.twilio_account_sid),
            messages=TwilioMessages(signature, host, TwilioMedia(api).complete),
            reports=TwilioReports(signature, host),
            host=host,
            numbers=settings.numbers,
            patience=Patience(
                grace=settings.twilio_catch_up_grace,
                files=settings.twilio_file_patience,
                window=settings.twilio_catch_up_window,
            ),
        )
        async with catching_up(host, catch_up.one_round, settings.twilio_catch_up_every):
            yield
