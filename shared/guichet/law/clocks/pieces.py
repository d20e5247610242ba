"""Pieces that a text requires and that lack (docs/law.md 23, 61, R7). Nothing else that is asked for moves a clock."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from guichet.law.clocks.clock import Clock, ClockKind, Follows, Rule
from guichet.law.clocks.delay import Delay
from guichet.law.clocks.duty import first_of, state_of
from guichet.law.clocks.events import AskedPiece, PieceArrived, PiecesAskedFor
from guichet.law.clocks.history import History
from guichet.law.clocks.rules import ProcedureRule


@dataclass(frozen=True)
class Notice:
    """A letter that asked for pieces which were not here. arrived: when the last of them came, if it did."""

    on: date
    until: date
    arrived: date | None
    waits: bool  # work does, for what is indispensable and still lacks

    @property
    def suspends_until(self) -> date:
        """The last day that it takes from the delay of a rejection: the pieces', or the last of the time given."""
        return first_of(self.arrived, max(self.until, self.on)) or self.until


def notices_of(history: History, procedure: ProcedureRule | None) -> list[Notice]:
    """Return the letters that move a clock, by day: each names a text for a piece of which the procedure cites one."""
    if procedure is None:
        return []
    arrivals = _arrivals(history)
    found = (_notice(asked, procedure, arrivals) for asked in history.all(PiecesAskedFor))
    return sorted((notice for notice in found if notice), key=_order)


def _order(notice: Notice) -> tuple[date, date, date, bool]:
    """By day; what tells letters of one moment apart is the rest, not how they came in."""
    return notice.on, notice.until, notice.arrived or date.max, notice.waits


def _arrivals(history: History) -> Mapping[str, date]:
    first = dict[str, date]()
    for event in history.all(PieceArrived):
        first.setdefault(event.piece, event.on)
    return first


def _notice(asked: PiecesAskedFor, procedure: ProcedureRule, arrivals: Mapping[str, date]) -> Notice | None:
    lacking = [each for each in asked.pieces if _moves(each, procedure) and _lacked(each, asked.on, arrivals)]
    if not lacking:
        return None
    came = [arrivals[each.name] for each in lacking if each.name in arrivals]
    waits = any(procedure.pieces[each.name].indispensable for each in lacking if each.name not in arrivals)
    return Notice(asked.on, asked.until, max(came) if len(came) == len(lacking) else None, waits)


def _moves(piece: AskedPiece, procedure: ProcedureRule) -> bool:
    cited = procedure.pieces.get(piece.name)
    return piece.required_by is not None and cited is not None and cited.required_by is not None


def _lacked(piece: AskedPiece, on: date, arrivals: Mapping[str, date]) -> bool:
    """Say whether it was not here yet: what the town holds is not to be asked for again (docs/law.md 27)."""
    return piece.name not in arrivals or arrivals[piece.name] >= on


def acceptance_begins(received: date, delay: Delay, notices: Sequence[Notice]) -> date | None:
    """Return the day of receipt, or that of the last piece; None while one lacks.

    A letter that comes after silence has accepted changes nothing any more.
    """
    begins = received
    for notice in notices:
        if notice.on > delay.after(begins):
            break
        if notice.arrived is None:
            return None
        begins = max(begins, notice.arrived)
    return begins


def suspensions(received: date, delay: Delay, notices: Sequence[Notice]) -> list[Notice]:
    """Return the letters that came before silence rejected, those before them counted."""
    in_time = list[Notice]()
    for notice in notices:
        if notice.on > rejection_decides_on(received, delay, in_time):
            break
        in_time.append(notice)
    return in_time


def rejection_decides_on(received: date, delay: Delay, suspending: Iterable[Notice]) -> date:
    """Return the delay's end, put off by each day that a piece lacked within the time given; a day counts once."""
    days = {
        day
        for notice in suspending
        for day in range(max(notice.on, received).toordinal() + 1, notice.suspends_until.toordinal() + 1)
    }
    return delay.after(received) + timedelta(days=len(days))


def piece_clocks(history: History, notices: Iterable[Notice], effect: Follows, stopped: date | None) -> Iterator[Clock]:
    """Yield one for each letter: its time, and what the lack does. stopped: by a decision or a transfer."""
    for notice in notices:
        state, ended = state_of(notice.until, done=notice.arrived, stopped=stopped, as_of=history.as_of)
        waits = notice.waits and ended is None
        yield Clock(ClockKind.MISSING_PIECES, state, Rule(effect, waits=waits), notice.on, notice.until, ended)
