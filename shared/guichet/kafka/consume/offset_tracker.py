"""What a member has finished, made durable: the offsets and marks that Kafka keeps for its group."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog
from aiokafka.errors import CommitFailedError, IllegalStateError

from guichet.kafka.consume.loop import OffsetTracker
from guichet.kafka.consume.progress import Commit, Progress
from guichet.kafka.records import RawRecord

log = structlog.get_logger()


class GroupOffsetTracker(Progress, OffsetTracker):
    """Progress that commits itself (OffsetTracker of guichet.kafka.consume.loop). send: the consumer's own commit."""

    def __init__(self, batch_size: int, send: Callable[[Commit], Awaitable[None]]) -> None:
        super().__init__(batch_size)
        self._send = send
        self._sending = asyncio.Lock()

    async def note_begin(self, batch: Sequence[RawRecord]) -> None:
        await self._commit(lambda: self.begin(batch))

    async def note_attempts(self, record: RawRecord, attempts: int) -> None:
        await self._commit(lambda: self.alone(record, attempts))

    async def commit(self) -> None:
        await self._commit(self.next_commit)

    async def commit_in_order(self) -> None:
        """Commit what is finished on every partition, and say that it was left in order."""
        await self._commit(self.last_commit)

    async def _commit(self, now: Callable[[], Commit]) -> None:
        """Send what `now` says once nothing else is being sent: what was given up meanwhile is not in it."""
        async with self._sending:
            offsets = now()
            if not offsets:
                return
            try:
                await self._send(offsets)
            except (CommitFailedError, IllegalStateError) as exc:
                log.warning("rebalanced before the commit: another worker repeats it", error=type(exc).__name__)
