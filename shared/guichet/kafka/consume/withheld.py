"""Topics of which a worker takes no more records: too many of them became dead letters.

Each topic stands alone: what somebody writes on one must not stop the others. Nothing of it is lost: the record that
would have been one dead letter too many, and all after it, stay unread until the worker is started again.
"""

from collections.abc import Iterable, Sequence

import structlog

from guichet.kafka.dead_letters.ceiling import CeilingReachedError
from guichet.kafka.records import RawRecord
from guichet.runtime.telemetry.alarms import Alarm, raise_alarm
from guichet.runtime.worker_stopped import WorkerStoppedError

log = structlog.get_logger()


class Withheld:
    """What one worker withholds. reads: each group of the worker's with a topic that it reads."""

    def __init__(self, reads: Iterable[tuple[str, str]]) -> None:
        self._left = set(reads)
        self._withheld: set[tuple[str, str]] = set()

    def holds(self, group: str, topic: str) -> bool:
        """Return whether the group takes no more records of a topic."""
        return (group, topic) in self._withheld

    def rest_of(self, group: str, records: Sequence[RawRecord]) -> Sequence[RawRecord]:
        """Return the records that the group still takes, in their order."""
        if not self._withheld:
            return records
        return [record for record in records if not self.holds(group, record.topic)]

    def withhold(self, group: str, topic: str, reached: CeilingReachedError) -> None:
        """Take no more records of a topic, and say so. Raises WorkerStoppedError when that was the last one."""
        self._withheld.add((group, topic))
        self._left.discard((group, topic))
        cause = f"{group}:{topic}"
        if not self._left:
            raise WorkerStoppedError(f"{group} stopped: {reached}", alarm=Alarm.DEAD_LETTER_CEILING, cause=cause)
        log.error("a topic is withheld", group=group, topic=topic, error=str(reached))
        raise_alarm(Alarm.DEAD_LETTER_CEILING, cause)
