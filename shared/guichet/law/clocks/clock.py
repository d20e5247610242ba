"""One clock of a case, as it stands on a day."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, Self

from guichet.law.clocks.delay import Delay
from guichet.law.clocks.in_force import Version
from guichet.law.clocks.rules import SilenceMeans


class ClockKind(StrEnum):
    """What is waited for."""

    AEE = "aee"
    ARE = "are"
    QUALIFICATION = "qualification"
    SILENCE = "silence"
    MISSING_PIECES = "missing-pieces"
    TRANSFER = "transfer"
    PRIOR_REMEDY = "prior-remedy"
    RIGHTS_REQUEST = "rights-request"
    FIRST_ANSWER = "first-answer"
    CLOSING = "closing"


class ClockState(StrEnum):
    """How it stands."""

    RUNNING = "running"
    SUSPENDED = "suspended"
    NOT_BEGUN = "not-begun"
    MET = "met"
    LATE = "late"
    DECIDED = "decided"  # silence did
    STOPPED = "stopped"


class Follows(StrEnum):
    """The rule that a clock follows, which guichet.law.clocks.sentences puts into words."""

    AEE = "aee"
    ARE = "are"
    QUALIFICATION = "qualification"
    ABUSE = "abuse"
    COMPETENT_ONE = "competent-one"
    ACCEPTANCE = "acceptance"
    ACCEPTANCE_OF_WHOLE = "acceptance-of-whole"
    REJECTION = "rejection"
    REJECTION_SUSPENDED = "rejection-suspended"
    DECISION = "decision"
    PIECES_OF_ACCEPTANCE = "pieces-of-acceptance"
    PIECES_OF_REJECTION = "pieces-of-rejection"
    PIECES_ALONE = "pieces-alone"
    TRANSFER = "transfer"
    REMEDY = "remedy"
    RIGHTS = "rights"
    RIGHTS_EXTENDED = "rights-extended"
    FIRST_ANSWER = "first-answer"
    CLOSING = "closing"


class Lack(StrEnum):
    """How it stands with the pieces that a letter asks for."""

    LASTS = "lasts"
    LAPSED = "lapsed"  # the time given is over, and one lacks still
    ENDED = "ended"


@dataclass(frozen=True)
class Basis:
    """What a clock follows, with what the sentence names. rolls: a day that is no working day gives way to the next.

    to: whom the request was passed on to. waits: work does, for an indispensable piece.
    in_force_from, noted: of the version that counts; None: it says none (guichet.law.clocks.in_force).
    """

    follows: Follows
    source: str | None = None
    delay: Delay | None = None
    days: int | None = None
    to: str | None = None
    waits: bool = False
    rolls: bool = False
    lack: Lack = Lack.LASTS
    in_force_from: date | None = None
    noted: int | None = None

    def under(self, version: Version[Any]) -> Self:
        """Return it as a version of the rule says it."""
        return replace(self, in_force_from=version.in_force_from, noted=version.noted)


_OPEN: Final = frozenset({ClockState.RUNNING, ClockState.SUSPENDED, ClockState.LATE})


@dataclass(frozen=True)
class Clock:
    """began: the day that counting starts after; None: not begun. due: the last day, or that on which silence decides.

    Of a suspended silence `due` is the latest that is known: pieces that come sooner bring it forward.
    ended: when it was met, decided or stopped. means: of a silence that was not stopped. of: the moment of the fact
    that began it, where a case may have several of its kind. done_on: when what a receipt or a target asks for was
    done, though it may have ended otherwise before; None: it was not.
    """

    kind: ClockKind
    state: ClockState
    basis: Basis
    began: date | None
    due: date | None = None
    ended: date | None = None
    means: SilenceMeans | None = None
    of: datetime | None = None
    done_on: date | None = None

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done, or to come, by its due day."""
        return self.ended is None and self.state in _OPEN

    @property
    def is_duty(self) -> bool:
        """Whether the town has to do something: not while a citizen has time for pieces, nor where another decides."""
        return self.is_open and self.kind is not ClockKind.MISSING_PIECES and not self.is_elsewhere

    @property
    def is_elsewhere(self) -> bool:
        """Whether it is the silence of the administration that the request was passed on to."""
        return self.kind is ClockKind.SILENCE and self.basis.to is not None
