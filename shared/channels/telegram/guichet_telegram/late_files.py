"""A message does not wait for its file: Telegram holds up a chat's next messages until one is accepted.

So a message whose file does not come at once is accepted with its words, which say so, and the file follows, in a
message of its own that corrects the first. What is to follow is known to this process alone, because an adapter can
seal and not open: after a restart the words remain, and the agent knows what to ask for (docs/decisions/0031).
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import structlog

from guichet.channel.draft import Draft
from guichet.channel.provider_files import FileLateError, with_files
from guichet.clock import Clock, never_behind
from guichet.errors import ThrottledError, TransientError
from guichet.ids import MessageId, derive_id
from guichet.runtime.telemetry.alarms import Alarm, raise_alarm
from guichet_telegram.fetch_files import TelegramFiles
from guichet_telegram.read.update import IncomingTelegram

log = structlog.get_logger()

AT_ONCE: Final = timedelta(seconds=15)  # Telegram waits about a minute for an answer
PAUSES_S: Final = (1.0, 3.0)  # between the tries that are made at once
LOOKED_AFTER: Final = timedelta(seconds=15)
MOST: Final = 500  # messages whose files may follow; a few hundred bytes each
AT_A_TIME: Final = 10  # of up to 20 MiB in memory each
ASKED_FOR: Final = timedelta(seconds=30)  # in one look: 500 of these, ten at a time, are 25 minutes of the file's hour
NOT_YET: Final = "pas encore reçu, il suivra s’il arrive"

Accept = Callable[[Draft], Awaitable[object]]


@dataclass(frozen=True, kw_only=True)
class LacksFiles(Draft):
    """A message that can be accepted, and says which of its files are to follow. late: the message that they bring."""

    late: IncomingTelegram


class LateFiles:
    """accept: takes a message in. patience: how long a file is asked for."""

    def __init__(
        self,
        files: TelegramFiles,
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
        self._turn = asyncio.Semaphore(AT_A_TIME)
        self._seconds = never_behind(clock.now)
        self._left_alone_until = 0.0

    async def complete(self, incoming: IncomingTelegram) -> Draft:
        """Return the draft with its files, or with a line in its text that names the file which is to follow."""
        try:
            async with asyncio.timeout(AT_ONCE.total_seconds()):
                return await self._try_at_once(incoming)
        except (TransientError, TimeoutError) as error:
            self._heed(error)
            log.warning("a file does not come now", message_id=incoming.draft.message_id, error=str(error))
            named = [(file.name, NOT_YET) for file in incoming.files]
            return LacksFiles(**vars(with_files(incoming.draft, [], named)), late=incoming)

    def follow(self, accepted: Draft) -> None:
        """Have the files that a message lacks follow. Before it is accepted they would correct what nobody holds."""
        if not isinstance(accepted, LacksFiles):
            return
        late = accepted.late
        if len(self._late) < MOST:
            self._late.setdefault(late.draft.message_id, late)
        else:
            raise_alarm(Alarm.FILE_MISSING, late.draft.channel)

    async def run(self) -> None:
        """Go on until cancelled."""
        while True:
            await self._clock.sleep(LOOKED_AFTER)
            await self.look_again()

    async def look_again(self) -> None:
        """Ask once more for every file that is late, some at a time, each for so long."""
        async with asyncio.TaskGroup() as looks:
            for incoming in list(self._late.values()):
                looks.create_task(self._ask_in_turn(incoming))

    async def _ask_in_turn(self, incoming: IncomingTelegram) -> None:
        async with self._turn:
            if not self._is_left_alone():
                await self._ask(incoming)

    async def _ask(self, incoming: IncomingTelegram) -> None:
        named = incoming.draft.message_id
        patient = self._clock.now() - incoming.draft.at_our_edge < self._patience
        try:
            async with asyncio.timeout(ASKED_FOR.total_seconds()):
                draft = await self._files.complete(incoming, patient=patient)
            if draft.files:
                await self._accept(_following(draft))
        except (TransientError, TimeoutError) as error:
            self._heed(error)
            log.warning("a file is late", message_id=named, error=str(error) or type(error).__name__)
            if not patient and isinstance(error, TimeoutError):
                self._give_up(incoming)
        except Exception as error:
            log.error("a late file failed", message_id=named, error=type(error).__name__)
            raise_alarm(Alarm.BUG, f"ingest-social:late-file:{type(error).__name__}")
            self._late.pop(named, None)
        else:
            self._late.pop(named, None)

    def _give_up(self, incoming: IncomingTelegram) -> None:
        """Ask no more for a file that trickles in for ever. One that fails is given up where it is fetched."""
        raise_alarm(Alarm.FILE_MISSING, incoming.draft.channel)
        self._late.pop(incoming.draft.message_id, None)

    def _is_left_alone(self) -> bool:
        return self._seconds() < self._left_alone_until

    def _heed(self, error: Exception) -> None:
        """Ask for no file as long as Telegram wants: who asks on is made to wait longer, and gets nobody's."""
        if isinstance(error, ThrottledError):
            self._left_alone_until = self._seconds() + error.retry_after.total_seconds()

    async def _try_at_once(self, incoming: IncomingTelegram) -> Draft:
        if incoming.files and self._is_left_alone():
            raise FileLateError("Telegram wants a pause")
        for pause_s in self._pauses_s:
            try:
                return await self._files.complete(incoming, patient=True)
            except TransientError as error:
                if isinstance(error, ThrottledError) and error.retry_after.total_seconds() > pause_s:
                    raise
                await self._clock.sleep(timedelta(seconds=pause_s))
        return await self._files.complete(incoming, patient=True)


def _following(draft: Draft) -> Draft:
    """Return the message that brings the file: one of its own, the same however often it is sent."""
    named = MessageId(derive_id("late-file", draft.message_id))
    return replace(draft, message_id=named, edits=draft.edits or draft.message_id)
