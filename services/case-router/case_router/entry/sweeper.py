"""Finish what a killed router left: events that nobody published. A belt: the topics bring the causes back too."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from case_router.handlers.publish_outbox import DestroyedCases, Outbox
from guichet.case.record import CaseRecord
from guichet.clock import Sleep
from guichet.errors import TransientError
from guichet.ids import CaseId, EventId, MessageId
from guichet.runtime.rounds import in_rounds
from guichet.runtime.telemetry.alarms import Alarm, clear_alarm, raise_alarm
from guichet.store.cases.store import CaseStore
from guichet.store.messages.document import MessageDocument
from guichet.store.messages.store import MessageStore

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
        sleep: Sleep,
    ) -> None:
        self._cases = cases
        self._messages = messages
        self._outbox = outbox
        self._destroyed = destroyed
        self._file_again = file_again
        self._after = after
        self._clock = clock
        self._sleep = sleep

    async def sweep_on(self) -> None:
        """Sweep, wait, sweep again. While a part is away, wait for it."""
        await self._sleep(self._after)
        await in_rounds(self.sweep, self._after, self._sleep, "sweeping waits")

    async def sweep(self) -> int:
        """Publish and empty every outbox older than `after`, and those of destroyed cases; return how many cases."""
        return await self._finish_cases() + await self._destroyed.publish()

    async def _finish_cases(self) -> int:
        """Finish them page by page: what cannot be read in one case, or has to wait, is no other's loss."""
        before, sweep = self._clock() - self._after, _Sweep()
        while left := await self._cases.unfinished(before, CASES_AT_ONCE, besides=sweep.besides):
            log.info("sweeping", cases=len(left))
            await self._finish_page(sweep.fresh(left), sweep)
        alarm = raise_alarm if sweep.stuck else clear_alarm
        alarm(Alarm.OUTBOX_STUCK, SERVICE)
        if sweep.waiting is not None:
            raise sweep.waiting
        return len(sweep.done)

    async def _finish_page(self, cases: Sequence[CaseId], sweep: "_Sweep") -> None:
        """Finish cases together; one by one where one of them cannot be read. Those that have to wait are left."""
        try:
            if not await self._are_finished(cases):
                for case in cases:
                    (sweep.done if await self._are_finished([case]) else sweep.stuck).add(case)
            else:
                sweep.done.update(cases)
        except TransientError as error:
            sweep.leave(cases, error)

    async def _are_finished(self, cases: Sequence[CaseId]) -> bool:
        """Finish cases; say whether that could be done. Raises TransientError."""
        try:
            await self._finish(cases)
        except TransientError:
            raise
        except Exception as error:  # a document that nobody can read, or a bug: told, and tried again by the next sweep
            if len(cases) == 1:
                log.exception("an outbox is stuck", case_id=cases[0], exc_info=error)
            return False
        return True

    async def _finish(self, cases: Sequence[CaseId]) -> None:
        found = await self._cases.find_many(cases)  # without those that were destroyed meanwhile
        messages = await self._messages.find_many({each for case in found.values() for each in _messages_of(case)})
        # Through the whole filing: it publishes, marks and empties as for a message that comes again.
        filed = await self._file_again([*messages.values()])
        causes = {entry.cause for case in found.values() for entry in case.outbox}
        await self._outbox.finish(found, [], [EventId(cause) for cause in causes if cause not in filed])


@dataclass
class _Sweep:
    """What has become of the cases so far. besides: those that no further page shall bring."""

    done: set[CaseId] = field(default_factory=set)
    stuck: set[CaseId] = field(default_factory=set)
    left: set[CaseId] = field(default_factory=set)
    waiting: TransientError | None = None

    @property
    def besides(self) -> set[CaseId]:
        return self.stuck | self.left

    def fresh(self, page: Sequence[CaseId]) -> list[CaseId]:
        """Return a page without the cases that were done already: somebody wrote them again, and has them in hand."""
        self.left.update(self.done.intersection(page))
        return [case for case in page if case not in self.done]

    def leave(self, page: Sequence[CaseId], error: TransientError) -> None:
        """Leave to the next sweep what of a page is neither done nor stuck."""
        self.left.update(set(page) - self.done - self.stuck)
        self.waiting = error


def _messages_of(case: CaseRecord) -> list[MessageId]:
    return [MessageId(entry.cause) for entry in case.outbox if entry.event["type"] in _BY_A_MESSAGE]
