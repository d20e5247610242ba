"""Remove what is over, round after round: each collection says what is (guichet.mongo.ended)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NoReturn

import structlog

from guichet.clock import Sleep
from guichet.errors import TransientError
from guichet.mongo.ended import Ended
from guichet.privacy.data_map.retention import Executor
from guichet.runtime.rounds import in_rounds
from guichet.runtime.telemetry.alarms import Alarm, raise_alarm
from guichet.runtime.telemetry.metrics import RETENTION_REMOVED

log = structlog.get_logger()

PAUSE: Final = timedelta(seconds=1)  # after a thousand documents of a collection: whoever writes meanwhile is served
LOOK_EVERY: Final = timedelta(minutes=10)  # readers judge by the Clock themselves: this is for what lies there
EVERY_DAY: Final = timedelta(days=1)  # a round that looks at every file
FIRST_REST: Final = timedelta(hours=1)  # the rest before such a round: a worker that restarts often must not repeat it


@dataclass(frozen=True)
class EndedRound:
    """A round. clock: aware UTC. executor: in whose name it removes. every: from the end of one to the next.

    first_after: how long whoever starts rests.
    """

    ended: Ended
    clock: Callable[[], datetime]
    sleep: Sleep
    executor: Executor = Executor.ROUND
    every: timedelta = LOOK_EVERY
    first_after: timedelta = timedelta(0)

    async def one_round(self) -> int:
        """Remove what is over; return how many documents. Raises TransientError."""
        removed = {name: count for name, count in (await self.ended.remove(self.clock())).items() if count}
        if removed:
            log.info("removed what was over", executor=self.executor.name, **removed)
        for place, count in removed.items():
            RETENTION_REMOVED.labels(self.executor.name, place).inc(count)
        return sum(removed.values())

    async def run(self) -> NoReturn:
        """Go on until cancelled; a round that fails is made good by the next."""
        await self.sleep(self.first_after)
        await in_rounds(
            self._despite_bugs,
            self.every,
            self.sleep,
            "what is over stays until the next round",
            executor=self.executor.name,
        )

    async def _despite_bugs(self) -> None:
        try:
            await self.one_round()
        except TransientError:
            raise
        except Exception:
            log.exception("a bug while removing", executor=self.executor.name)
            raise_alarm(Alarm.BUG, f"gdpr-worker:{self.executor.name}")
