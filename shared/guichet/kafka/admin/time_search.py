"""When did a record come onto its topic? Found by asking for times, without reading it. Pure.

Kafka answers which record is the first that came at or after a moment, and when it did. Halving the time between finds
the moment of any offset: thirty-odd questions for a month, and most partitions are asked about together.
"""

from aiokafka.structs import OffsetAndTimestamp


class TimeSearch:
    """Looks for the time of the record at `offset`. ask_at: the next moment to ask about (ms since 1970).

    arrived_ms: of the record at `offset`, or of the last one before it where that offset holds none (None: neither).
    """

    def __init__(self, offset: int, now_ms: int) -> None:
        self._offset = offset
        self._from, self._to = 0, now_ms + 1  # the record came at or after _from, and before _to
        self.ask_at = 0  # the first record of the partition: often the wanted one
        self.arrived_ms: int | None = None

    @property
    def is_over(self) -> bool:
        """Return whether nothing is left to ask."""
        return self._from >= self._to

    def take(self, answer: OffsetAndTimestamp | None) -> None:
        """Take the answer for `ask_at`: the first record at or after it; None when there is none."""
        if answer is None or answer.offset > self._offset:
            self._to = self.ask_at
        else:
            self.arrived_ms = answer.timestamp
            self._from = self._to if answer.offset == self._offset else answer.timestamp + 1
        self.ask_at = (self._from + self._to) // 2
