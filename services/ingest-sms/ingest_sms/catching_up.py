"""Ask Twilio's list again and again, and take in what the webhook missed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from guichet.clock import Sleep, SystemClock
from guichet.errors import TransientError
from guichet.runtime.alarms import Alarm, raise_alarm
from ingest_sms.catch_up import ListedMessage, as_form, missed
from ingest_sms.form import read_form
from ingest_sms.handlers import SmsHandler

log = structlog.get_logger()


class MessageList(Protocol):
    """Where missed messages are listed."""

    async def since(self, start: datetime, recipients: tuple[str, ...]) -> list[ListedMessage]:
        """Return what was received since `start`. Raises TransientError."""

    async def media(self, sid: str) -> tuple[tuple[str, str], ...]:
        """Return address and content type of a message's files. Raises TransientError."""


class CatchUp:
    """One round at the start, then one every `every`."""

    def __init__(
        self,
        *,
        messages: MessageList,
        handler: SmsHandler,
        recipients: tuple[str, ...],
        grace: timedelta,
        window: timedelta,
        now: Callable[[], datetime],
        sleep: Sleep = SystemClock().sleep,
    ) -> None:
        self._messages = messages
        self._handler = handler
        self._recipients = recipients
        self._grace = grace
        self._window = window
        self._now = now
        self._sleep = sleep

    async def run(self, every: timedelta) -> None:
        """Go on until cancelled; a round that fails is made good by the next."""
        while True:
            try:
                await self.one_round()
            except TransientError as error:
                log.warning("catch-up waits", error=str(error))
            except Exception as error:  # a bug here must not take the webhook down with it
                log.error("catch-up failed", error=type(error).__name__)
                raise_alarm(Alarm.BUG, f"ingest-sms:catch-up:{type(error).__name__}")
            await self._sleep(every)

    async def one_round(self) -> int:
        """Take in what was missed and return how many. Raises TransientError at the first that must wait.

        Such a message arrived when Twilio took it for the town: our outage does not move the legal date.
        """
        now = self._now()
        listed = await self._messages.since(now - self._window, self._recipients)
        due = missed(listed, self._handler.is_safe, before=now - self._grace)
        for message in due:
            media = await self._messages.media(message.sid) if message.files else ()
            body = as_form(message, media)
            await self._handler.take(body, read_form(body), message.created)
        if due:
            log.info("caught up", messages=len(due))
        return len(due)
