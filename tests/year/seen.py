"""What was published of the cases of the year and their letters, as whoever reads the topics sees it."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime

from guichet.contracts.base import Event
from guichet.contracts.case_events import CaseOpened, ClockReached, CommandRefused, MessageFiled, ReceiptOwed
from guichet.contracts.delivery import DeliveryChanged
from guichet.law.calendar import PARIS
from tests.year.arrivals import Arrival


def day_of(at: datetime) -> date:
    """Return the day in Paris."""
    return at.astimezone(PARIS).date()


@dataclass
class Seen:
    """cases: how each opened. owed: acknowledgements of each. reached: days of clocks of each. arrived: what came.

    filed: how often each message went into a case. deliveries: the last state of each.
    """

    cases: dict[str, CaseOpened] = field(default_factory=dict)
    owed: dict[str, list[ReceiptOwed]] = field(default_factory=lambda: defaultdict(list))
    reached: dict[str, list[ClockReached]] = field(default_factory=lambda: defaultdict(list))
    refused: list[CommandRefused] = field(default_factory=list)
    arrived: dict[str, Arrival] = field(default_factory=dict)
    filed: Counter[str] = field(default_factory=Counter)
    deliveries: dict[str, DeliveryChanged] = field(default_factory=dict)
    _known: set[str] = field(default_factory=set)
    _new: list[CaseOpened] = field(default_factory=list)

    def hear(self, event: Event) -> None:
        """Take note of an event; one that comes again says nothing new."""
        if event.event_id in self._known:
            return
        if isinstance(event, CaseOpened | MessageFiled):
            self.filed[event.message_id] += 1
        if isinstance(event, CaseOpened):
            self.cases[event.case_id] = event
            self._new.append(event)
        elif isinstance(event, ReceiptOwed):
            self.owed[event.case_id].append(event)
        elif isinstance(event, ClockReached) and (event.clock == "silence" or event.stage == "late"):
            self.reached[event.case_id].append(event)
        elif isinstance(event, CommandRefused):
            self.refused.append(event)
        elif isinstance(event, DeliveryChanged):
            self.deliveries[event.outbound_id] = event
        self._known.add(event.event_id)

    def taken_new(self) -> list[CaseOpened]:
        """Return what opened since the last time."""
        new, self._new = self._new, []
        return new
