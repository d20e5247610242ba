"""What one look at Kafka gave."""

from dataclasses import dataclass
from datetime import datetime

from guichet.contracts.dead_letters import DeadLetter


@dataclass(frozen=True)
class GroupLag:
    """What a group has not handled of one partition. oldest: when the first of it came (UTC); None: none waits."""

    group: str
    topic: str
    records: int
    oldest: datetime | None = None


@dataclass(frozen=True)
class BrokerReading:
    """One look. records_in: high-water marks by topic. lags: of every group, partition by partition."""

    records_in: dict[str, int]
    lags: tuple[GroupLag, ...]
    open_letters: tuple[DeadLetter, ...]
