"""What the clients noted: who said "accepted" to what, what was refused, what was never answered."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from tests.faults.load.plan import Sending


@dataclass
class Accepted:
    """One run's notes. `in_flight`: by process, what was handed over to it and waits for its answer."""

    numbers: set[int] = field(default_factory=set)
    answers: Counter[str] = field(default_factory=Counter)
    by_process: Counter[str] = field(default_factory=Counter)
    never_answered: Counter[str] = field(default_factory=Counter)
    in_flight: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def begin(self, sending: Sending, process: str) -> None:
        """A transaction begins."""
        self.in_flight[process].add(sending.number)

    def answered(self, sending: Sending, process: str, answer: str, *, accepted: bool) -> None:
        """The adapter answered: 250 or 2xx is a promise, anything else is sent again."""
        self.in_flight[process].discard(sending.number)
        self.answers[answer] += 1
        if accepted:
            self.numbers.add(sending.number)
            self.by_process[process] += 1

    def lost(self, sending: Sending, process: str) -> None:
        """The connection broke before the answer: nobody knows, so it is sent again."""
        self.in_flight[process].discard(sending.number)
        self.never_answered[process] += 1
