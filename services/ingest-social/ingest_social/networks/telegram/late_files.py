"""A message does not wait for its file: Telegram holds up a chat's next messages until one is accepted.

So a message whose file does not come at once is accepted with its words, which say so, and the file follows, in a
message of its own that corrects the first. What is to follow is known to this process alone, because an adapter can
seal and not open: after a restart the words remain, and the agent knows what to ask for (docs/decisions/0031).
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final, Protocol

import structlog

from guichet.channel.draft import Draft
from guichet.channel.provider_files import with_files
from guichet.clock import Clock
from guichet.errors import TransientError
from guichet.ids import MessageId, derive_id
from guichet.runtime.alarms import Alarm, raise_alarm
from ingest_social.networks.telegram.parse import IncomingTelegram

log = structlog.get_logger()

AT_ONCE: Final = timedelta(seconds=15)  # Telegram waits about a minute for an answer
PAUSES_S: Final = (1.0, 3.0)  # between the tries that are made at once
LOOKED_AFTER: Final = timedelta(seconds=15)
MOST: Final = 1000  # files that may follow; a few hundred bytes each
NOT_YET: Final = "pas encore reçu, il suivra s’il arrive"

Accept = Callable[[Draft], Awaitable[object]]


class Files(Protocol):
    """Where files are fetched. See TelegramFiles."""

    async def complete(self, incoming: IncomingTelegram, *, patient: bool) -> Draft:
        """Return the draft with its files. Raises TransientError while one does not come and is waited for."""


class LateFiles:
    """accept: takes a message in. patience: how long a file is asked for."""

    def __init__(
        self,
        files: Files,
        accept: Accept,
        *,
        patience: timedelta,
        clock: Clock,
        pauses_s: tuple[float, ...] = PAUSES_S,
    ) -> None:
        self._files = files
        self._accept = accept
        self._patience = patience
        self._clock = clock
        self._pauses_s = pauses_s
        self._late: dict[MessageId, IncomingTelegram] = {}

    async def complete(self, incoming: IncomingTelegram) -> Draft:
        """Return the draft with its files, or with a line in its text that names the file which is to follow."""
        named = incoming.draft.message_id
        try:
            async with asyncio.timeout(AT_ONCE.total_seconds()):
                draft = await self._try_at_once(incoming)
        except (TransientError, TimeoutError) as error:
            self._note(incoming, error)
            return with_files(incoming.draft, [], [(place.name, NOT_YET) for place in incoming.files])
        self._late.pop(named, None)  # Telegram sent it again, because it could not be accepted then
        return draft

    async def run(self) -> None:
        """Go on until cancelled."""
        while True:
            await self._clock.sleep(LOOKED_AFTER)
            await self.look_again()

    async def look_again(self) -> None:
        """Ask once more for every file that is late."""
        for named, incoming in list(self._late.items()):
            patient = self._clock.now() - incoming.draft.received_at < self._patience
            try:
                draft = await self._files.complete(incoming, patient=patient)
                if draft.files:
                    await self._accept(_following(draft))
            except TransientError as error:
                log.warning("a file is late", message_id=named, error=str(error))
            except Exception as error:
                log.error("a late file failed", message_id=named, error=type(error).__name__)
                raise_alarm(Alarm.BUG, f"ingest-social:late-file:{type(error).__name__}")
                self._late.pop(named, None)
            else:
                self._late.pop(named, None)

    async def _try_at_once(self, incoming: IncomingTelegram) -> Draft:
        for pause_s in self._pauses_s:
            try:
                return await self._files.complete(incoming, patient=True)
            except TransientError:
                await self._clock.sleep(timedelta(seconds=pause_s))
        return await self._files.complete(incoming, patient=True)

    def _note(self, incoming: IncomingTelegram, error: Exception) -> None:
        named = incoming.draft.message_id
        log.warning("accepted before its file", message_id=named, error=str(error))
        if len(self._late) < MOST:
            self._late[named] = incoming
        else:
            raise_alarm(Alarm.FILE_MISSING, incoming.draft.channel.value)


def _following(draft: Draft) -> Draft:
    """Return the message that brings the file: one of its own, the same however often it is sent."""
    named = MessageId(derive_id("late-file", draft.message_id))
    return replace(draft, message_id=named, edits=draft.edits or draft.message_id)
