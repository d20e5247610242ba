"""What one look at Kafka gave."""

from dataclasses import dataclass
from datetime import datetime

from guichet.contracts.dead_letters import DeadLetter
from guichet.kafka.admin.offsets import Lag


@dataclass(frozen=True)
class BrokerReading:
    """One look. records_in: high-water marks by topic. oldest: when what a lagging group handles next came (UTC)."""

    records_in: dict[str, int]
    lags: tuple[Lag, ...]
    oldest: dict[Lag, datetime]
    open_letters: tuple[DeadLetter, ...]
