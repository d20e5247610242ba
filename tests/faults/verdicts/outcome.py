"""What a run brought, for its report."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from guichet.ids import MessageId
from tests.faults.form import Form
from tests.faults.load.accepted import Accepted
from tests.faults.trouble.chaos import Strike
from tests.faults.trouble.first_batch import Thrown
from tests.faults.verdicts.found import Copy
from tests.faults.verdicts.verdicts import Verdict

Doubled = dict[MessageId, tuple[list[Copy], tuple[str, ...]]]
VERDICTS = 15  # a run that ends early has fewer, and does not hold


@dataclass
class Outcome:
    """struck: provider's troubles carried out; ended: processes that ended unbidden; doubled: receipts and why.

    requests: ids of privacy requests. load_began: the zero of every second that is told.
    """

    seed: int
    form: Form
    began: datetime
    accepted: Accepted = field(default_factory=Accepted)
    strikes: list[Strike] = field(default_factory=list)
    thrown: list[Thrown] = field(default_factory=list)
    struck: Mapping[str, int] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    doubled: Doubled = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    replayed: int = 0
    load_began: datetime | None = None
    load_s: float = 0.0
    took_s: float = 0.0

    @property
    def holds(self) -> bool:
        """Return whether every verdict was reached and each of them holds."""
        return len(self.verdicts) == VERDICTS and all(verdict.holds for verdict in self.verdicts)

    @property
    def counted(self) -> dict[str, int]:
        """Return how many kills met messages in flight, by service, broker and mongod."""
        counted: dict[str, int] = {}
        for strike in self.strikes:
            if strike.counts:
                counted[strike.service] = counted.get(strike.service, 0) + 1
        return counted
