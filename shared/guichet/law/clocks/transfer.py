"""A request that another administration is competent for (docs/law.md 16, R6). Pure."""

from collections.abc import Iterator

from guichet.law.clocks.clock import Clock, ClockKind, ClockState, Follows, Rule
from guichet.law.clocks.events import TransferAnnounced, Transferred
from guichet.law.clocks.history import History


def transfer_clocks(history: History) -> Iterator[Clock]:
    """Yield that of telling the person, for which no text gives a number of days: it runs until they are told."""
    transfers = history.all(Transferred)
    if not transfers:
        return
    first = transfers[0]
    announced = next((event.on for event in history.all(TransferAnnounced) if event.on >= first.on), None)
    state = ClockState.RUNNING if announced is None else ClockState.MET
    names = sorted(event.to for event in transfers if event.at == first.at)
    yield Clock(ClockKind.TRANSFER, state, Rule(Follows.TRANSFER, to=", ".join(names)), first.on, ended=announced)
