"""Pieces that a text requires and that lack (docs/law.md 23, 61, R7). Nothing else that is asked for moves a clock."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from guichet.law.clocks.clock import Basis, Clock, ClockKind, ClockState, Follows, Lack
from guichet.law.clocks.delay import Delay
from guichet.law.clocks.duty import first_of, state_of
from guichet.law.clocks.facts import AskedPiece, PieceArrived, PiecesAskedFor, Transferred
from guichet.law.clocks.in_force import Version
from guichet.law.clocks.known_facts import KnownFacts
from guichet.law.clocks.rules import ProcedureRule


@dataclass(frozen=True)
class PieceLetter:
    """A letter that asked for pieces which were not here. arrived: when the last of them came, if it did."""

    at: datetime
    on: date
    until: date
    arrived: date | None
    waits: bool  # work does, for what is indispensable and still lacks

    @property
    def suspends_until(self) -> date:
        """The last day that it takes from the delay of a rejection: the pieces', or the last of the time given."""
        return first_of(self.arrived, max(self.until, self.on)) or self.until


def letters_of(history: KnownFacts, procedure: Version[ProcedureRule] | None) -> list[PieceLetter]:
    """Return the letters that move a clock, by day: each names a text for a piece of which the procedure cites one."""
    if procedure is None:
        return []
    arrivals = _arrivals(history)
    found = (_letter(asked, procedure.rule, arrivals) for asked in history.all(PiecesAskedFor))
    return sorted((letter for letter in found if letter), key=_order)


def _order(letter: PieceLetter) -> tuple[datetime, date, date, bool]:
    """By moment; what tells letters of one moment apart is the rest, not how they came in."""
    return letter.at, letter.until, letter.arrived or date.max, letter.waits


def _arrivals(history: KnownFacts) -> Mapping[str, PieceArrived]:
    first = dict[str, PieceArrived]()
    for fact in history.all(PieceArrived):
        first.setdefault(fact.piece, fact)
    return first


def _letter(
    asked: PiecesAskedFor, procedure: ProcedureRule, arrivals: Mapping[str, PieceArrived]
) -> PieceLetter | None:
    lacking = [each for each in asked.pieces if _moves(each, procedure) and _lacked(each, asked.at, arrivals)]
    if not lacking:
        return None
    came = [arrivals[each.name].on for each in lacking if each.name in arrivals]
    waits = any(procedure.pieces[each.name].indispensable for each in lacking if each.name not in arrivals)
    return PieceLetter(asked.at, asked.on, asked.until, max(came) if len(came) == len(lacking) else None, waits)


def _moves(piece: AskedPiece, procedure: ProcedureRule) -> bool:
    cited = procedure.pieces.get(piece.name)
    return piece.required_by is not None and cited is not None and cited.required_by is not None


def _lacked(piece: AskedPiece, at: datetime, arrivals: Mapping[str, PieceArrived]) -> bool:
    """Say whether it was not here yet: what the town holds is not to be asked for again (docs/law.md 27)."""
    return piece.name not in arrivals or arrivals[piece.name].at >= at


def is_held_already(history: KnownFacts, procedure: Version[ProcedureRule] | None) -> bool:
    """Say whether a letter asks for a piece that was here, so that its lack moves nothing."""
    arrivals = _arrivals(history)
    return procedure is not None and any(
        _moves(piece, procedure.rule) and not _lacked(piece, asked.at, arrivals)
        for asked in history.all(PiecesAskedFor)
        for piece in asked.pieces
    )


def is_not_asked_for(history: KnownFacts) -> bool:
    """Say whether a piece came after a letter that no letter names: a name that was mistyped leaves another lacking."""
    letters = history.all(PiecesAskedFor)
    named = {piece.name for asked in letters for piece in asked.pieces}
    return any(letters and fact.at >= letters[0].at and fact.piece not in named for fact in history.all(PieceArrived))


def in_time_to_accept(received: date, delay: Delay, letters: Sequence[PieceLetter]) -> list[PieceLetter]:
    """Return the letters that came before silence accepted. One that comes later changes nothing any more."""
    in_time = list[PieceLetter]()
    begins: date | None = received
    for letter in letters:
        if begins is not None and letter.on > delay.after(begins):
            break
        in_time.append(letter)
        begins = None if begins is None else acceptance_begins(begins, [letter])
    return in_time


def acceptance_begins(received: date, in_time: Iterable[PieceLetter]) -> date | None:
    """Return the day of receipt, or that of the last piece; None while one lacks."""
    begins = received
    for letter in in_time:
        if letter.arrived is None:
            return None
        begins = max(begins, letter.arrived)
    return begins


def in_time_to_reject(received: date, delay: Delay, letters: Sequence[PieceLetter]) -> list[PieceLetter]:
    """Return the letters that came before silence rejected, those before them counted."""
    in_time, suspended = list[PieceLetter](), _Suspended(received)
    for letter in letters:
        if letter.on > suspended.put_off(delay.after(received)):
            break
        in_time.append(letter)
        suspended.add(letter)
    return in_time


def rejection_decides_on(received: date, delay: Delay, in_time: Iterable[PieceLetter]) -> date:
    """Return the delay's end, put off by each day that a piece lacked within the time given; a day counts once."""
    suspended = _Suspended(received)
    for letter in in_time:
        suspended.add(letter)
    return suspended.put_off(delay.after(received))


class _Suspended:
    """How many days letters suspend, added by their day: what is suspended until then counts once."""

    def __init__(self, received: date) -> None:
        self._days, self._until = 0, received

    def add(self, letter: PieceLetter) -> None:
        first = max(letter.on, self._until)
        self._days += max((letter.suspends_until - first).days, 0)
        self._until = max(self._until, letter.suspends_until)

    def put_off(self, due: date) -> date:
        return due + timedelta(days=self._days)


def piece_clocks(
    history: KnownFacts,
    letters: Iterable[PieceLetter],
    in_time: Sequence[PieceLetter],
    effect: Follows,
    stopped: date | None,
) -> Iterator[Clock]:
    """Yield one for each letter: its time, and what the lack does. A letter that came too late does nothing.

    letters: by day. in_time: the first of them, which did not. stopped: by a decision or a transfer.
    """
    is_ours = history.first_on(Transferred) is None
    for nth, letter in enumerate(letters):
        is_late = nth >= len(in_time)
        stops = None if is_late else stopped
        state, ended = state_of(letter.until, done=letter.arrived, stopped=stops, as_of=history.as_of)
        waits = letter.waits and ended is None and is_ours and not is_late
        basis = Basis(Follows.PIECES_ALONE if is_late else effect, waits=waits, lack=_lack(state, ended))
        yield Clock(ClockKind.MISSING_PIECES, state, basis, letter.on, letter.until, ended, of=letter.at)


def _lack(state: ClockState, ended: date | None) -> Lack:
    if ended is not None:
        return Lack.ENDED
    return Lack.LAPSED if state is ClockState.LATE else Lack.LASTS
