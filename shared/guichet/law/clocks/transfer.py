"""A request that another administration is competent for (docs/law.md 16, R6). Pure."""

from collections.abc import Iterator

from guichet.law.clocks.clock import Basis, Clock, ClockKind, ClockState, Follows
from guichet.law.clocks.facts import TransferAnnounced, Transferred
from guichet.law.clocks.known_facts import KnownFacts


def competent_one(history: KnownFacts) -> str | None:
    """Return the name of whom it was passed on to first, or the names of one moment; None: of nobody."""
    transfers = history.all(Transferred)
    return ", ".join(sorted(each.to for each in transfers if each.at == transfers[0].at)) or None


def transfer_clocks(history: KnownFacts) -> Iterator[Clock]:
    """Yield that of telling the person, for which no text gives a number of days: it runs until they are told."""
    began = history.first_on(Transferred)
    if began is None:
        return
    announced = next((fact.on for fact in history.all(TransferAnnounced) if fact.on >= began), None)
    state = ClockState.RUNNING if announced is None else ClockState.MET
    yield Clock(ClockKind.TRANSFER, state, Basis(Follows.TRANSFER, to=competent_one(history)), began, ended=announced)
