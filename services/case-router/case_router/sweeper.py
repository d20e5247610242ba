"""Finish what a killed router left: events that nobody published. A belt: the topics bring the causes back too."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

import structlog

from case_router.destroyed_cases import DestroyedCases
from case_router.outbox import Outbox
from guichet.errors import TransientError
from guichet.ids import CaseId, EventId, MessageId
from guichet.runtime.alarms import Alarm, clear_alarm, raise_alarm
from guichet.store.case_document import CaseDocument
from guichet.store.cases import CaseStore
from guichet.store.message_document import MessageDocument
from guichet.store.messages import MessageStore

log = structlog.get_logger()

SERVICE = "case-router"
CASES_AT_ONCE = 200
_BY_A_MESSAGE = frozenset({"CaseOpened", "MessageFiled"})

FileAgain = Callable[[Sequence[MessageDocument]], Awaitable[set[MessageId]]]


class Sweeper:
    """Sweeps again and again, as long as the worker runs. clock: aware UTC."""

    def __init__(
        self,
        *,
        cases: CaseStore,
        messages: MessageStore,
        outbox: Outbox,
        destroyed: DestroyedCases,
        file_again: FileAgain,
        after: timedelta,
        clock: Callable[[], datetime],
    ) -> None:
        self._cases = cases
        self._messages = messages
        self._outbox = outbox
        self._destroyed = destroyed
        self._file_again = file_again
        self._after = after
        self._clock = clock

    async def sweep_on(self) -> None:
        """Sweep, wait, sweep again. While a part is away, wait for it."""
        while True:
            await asyncio.sleep(self._after.total_seconds())
            try:
                await self.sweep()
            except TransientError as exc:
                log.warning("sweeping waits", error=str(exc))

    async def sweep(self) -> int:
        """Publish and settle every outbox older than `after`, and those of destroyed cases; return how many cases."""
        return await self._finish_cases() + await self._destroyed.publish()

    async def _finish_cases(self) -> int:
        """Finish them one by one: what cannot be read in one case is no other's loss."""
        before, seen, stuck = self._clock() - self._after, set[CaseId](), 0
        while left := await self._cases.unfinished(before, CASES_AT_ONCE, besides=seen):
            log.info("sweeping", cases=len(left))
            for case in left:
                stuck += not await self._is_finished(case)
            seen.update(left)
        alarm = raise_alarm if stuck else clear_alarm
        alarm(Alarm.OUTBOX_STUCK, SERVICE)
        return len(seen) - stuck

    async def _is_finished(self, case: CaseId) -> bool:
        """Finish a case; say whether that could be done. Raises TransientError."""
        try:
            await self._finish(case)
        except TransientError:
            raise
        except Exception as error:  # a document that nobody can read, or a bug: told, and tried again by the next sweep
            log.exception("an outbox is stuck", case_id=case, exc_info=error)
            return False
        return True

    async def _finish(self, case_id: CaseId) -> None:
        found = await self._cases.find_many([case_id])
        if (case := found.get(case_id)) is None:
            return  # destroyed meanwhile
        messages = await self._messages.find_many(_messages_of(case))
        # Through the whole filing: it publishes, marks and empties as for a message that comes again.
        filed = await self._file_again([*messages.values()])
        others = [EventId(entry.cause) for entry in case.outbox if entry.cause not in filed]
        await self._outbox.finish(found, [], others)


def _messages_of(case: CaseDocument) -> list[MessageId]:
    return [MessageId(entry.cause) for entry in case.outbox if entry.event["type"] in _BY_A_MESSAGE]
