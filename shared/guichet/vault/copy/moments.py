"""Which moments of the server's time a stream of changes has left behind. Pure.

Several events may share a moment, and a batch may end between them: a moment is over once an event of a later one came,
or one that stands alone in its own, as a write to a single document does. Whoever waits for that makes such a write.
"""

from dataclasses import dataclass

from bson.timestamp import Timestamp


@dataclass
class Moments:
    """last: of the newest event. over: every event until then has come; None while that is not known."""

    last: Timestamp | None = None
    over: Timestamp | None = None

    def saw(self, moment: Timestamp, *, alone: bool = False) -> None:
        """Take note of the next event's. alone: no other shares it."""
        if self.last is None or moment > self.last:
            self.over, self.last = self.last, moment
        if alone:
            self.over = moment

    def are_over(self, moment: Timestamp) -> bool:
        """Say whether every event until then has come."""
        return self.over is not None and self.over >= moment
