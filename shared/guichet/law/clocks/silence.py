"""The silence of an administration: it accepts, or it rejects (docs/law.md 16, 19–23). Pure.

It decides when its day is over, a Sunday or a holiday as any other. Only an express decision that was notified by then
stops it: no answer, no question and no closing does. A transfer stops an acceptance, whose delay begins anew with the
competent administration; a rejection runs on from the first receipt, and is that administration's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from guichet.law.clocks.clock import Basis, Clock, ClockKind, ClockState, Follows
from guichet.law.clocks.decision import express_decision_on
from guichet.law.clocks.doubt import Doubt
from guichet.law.clocks.duty import first_of
from guichet.law.clocks.facts import Received, Transferred
from guichet.law.clocks.in_force import Version
from guichet.law.clocks.known_facts import KnownFacts
from guichet.law.clocks.pieces import (
    PieceLetter,
    acceptance_begins,
    in_time_to_accept,
    in_time_to_reject,
    letters_of,
    piece_clocks,
    rejection_decides_on,
)
from guichet.law.clocks.procedure_in_force import procedure_of
from guichet.law.clocks.rules import SilenceMeans, SilenceRule, TownRules
from guichet.law.clocks.silence_rule import silence_of
from guichet.law.clocks.transfer import competent_one

_EFFECTS: Final = {
    SilenceMeans.ACCEPTS: Follows.PIECES_OF_ACCEPTANCE,
    SilenceMeans.REJECTS: Follows.PIECES_OF_REJECTION,
}


@dataclass(frozen=True)
class SilenceFound:
    """The clock of a case's silence, if it has one; those of its letters about pieces; why a person must look."""

    clock: Clock | None
    letter_clocks: tuple[Clock, ...]
    doubts: tuple[Doubt, ...]

    @property
    def decision(self) -> tuple[SilenceMeans | None, date | None] | None:
        """What silence decided, and when; None: it did not."""
        if self.clock is None or self.clock.state is not ClockState.DECIDED:
            return None
        return self.clock.means, self.clock.ended

    @property
    def clocks(self) -> Iterator[Clock]:
        """All of them."""
        if self.clock is not None:
            yield self.clock
        yield from self.letter_clocks


def find_silence(history: KnownFacts, received: Received, town: TownRules) -> SilenceFound:
    """Return how it stands: no clock where nothing may be said of it."""
    said = silence_of(history, received, town)
    rule = said.version.rule if said.version else None
    begins = received.on if rule is not None and rule.means is SilenceMeans.ACCEPTS else received.first_on
    own = history.since(begins)
    letters = letters_of(own, procedure_of(history, town, received.on))
    in_time = _in_time(own, rule, begins, letters)
    clock = None if said.version is None else _clock(own, said.version, begins, in_time)
    effect = Follows.PIECES_ALONE if rule is None else _EFFECTS[rule.means]
    letter_clocks = piece_clocks(own, letters, in_time, effect, _stopped(own, rule))
    too_late = () if len(in_time) == len(letters) else (Doubt.LETTER_TOO_LATE,)
    return SilenceFound(clock, (*letter_clocks,), (*([said.doubt] if said.doubt else []), *too_late))


def _stopped(history: KnownFacts, rule: SilenceRule | None) -> date | None:
    rejects = rule is not None and rule.means is SilenceMeans.REJECTS
    return first_of(express_decision_on(history), None if rejects else history.first_on(Transferred))


def _in_time(
    history: KnownFacts, rule: SilenceRule | None, begins: date, letters: Sequence[PieceLetter]
) -> list[PieceLetter]:
    """Return the letters of before a decision, a transfer and the end of the delay."""
    last = first_of(express_decision_on(history), history.first_on(Transferred))
    ours = [letter for letter in letters if last is None or letter.on <= last]
    if rule is None:
        return ours
    choose = in_time_to_accept if rule.means is SilenceMeans.ACCEPTS else in_time_to_reject
    return choose(begins, rule.after, ours)


def _clock(history: KnownFacts, said: Version[SilenceRule], begins: date, in_time: Sequence[PieceLetter]) -> Clock:
    accepts = said.rule.means is SilenceMeans.ACCEPTS
    waiting = _acceptance(said.rule, begins, in_time) if accepts else _rejection(history, said.rule, begins, in_time)
    waiting = replace(waiting, basis=waiting.basis.under(said))
    stopped = _stopped(history, said.rule)
    if stopped is not None and (waiting.due is None or stopped <= waiting.due):
        follows = Follows.DECISION if stopped == express_decision_on(history) else Follows.COMPETENT_ONE
        stands = replace(waiting, state=ClockState.STOPPED, basis=Basis(follows), ended=stopped, means=None)
        had_begun = stands.began is not None and stands.began <= stopped
        return stands if had_begun else replace(stands, began=None, due=None)
    if waiting.due is not None and history.as_of > waiting.due:
        return replace(waiting, state=ClockState.DECIDED, ended=waiting.due)
    return waiting


def _acceptance(rule: SilenceRule, received: date, in_time: Sequence[PieceLetter]) -> Clock:
    """From receipt by the competent administration, and from the last piece that a text requires."""
    begins = acceptance_begins(received, in_time)
    due = rule.after.after(begins) if begins else None
    state = ClockState.RUNNING if begins else ClockState.NOT_BEGUN
    follows = Follows.ACCEPTANCE if begins == received else Follows.ACCEPTANCE_OF_WHOLE
    return Clock(ClockKind.SILENCE, state, Basis(follows, rule.source, rule.after), begins, due, means=rule.means)


def _rejection(history: KnownFacts, rule: SilenceRule, received: date, in_time: Sequence[PieceLetter]) -> Clock:
    """From receipt by whoever was first, without the days for which a piece lacked."""
    due = rejection_decides_on(received, rule.after, in_time)
    is_suspended = any(each.arrived is None and history.as_of <= each.until for each in in_time)
    state = ClockState.SUSPENDED if is_suspended else ClockState.RUNNING
    follows = Follows.REJECTION_SUSPENDED if in_time else Follows.REJECTION
    transferred = history.first_on(Transferred)
    is_elsewhere = transferred is not None and transferred <= due
    basis = Basis(follows, rule.source, rule.after, to=competent_one(history) if is_elsewhere else None)
    return Clock(ClockKind.SILENCE, state, basis, received, due, means=rule.means)
