"""What a page shows of the law's clocks of a case, and offers to say of it. Values; words are guichet.law.clocks's."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final, Literal, get_args

from agent_desk.domain.clocks.clocks_now import ClocksNow, Leaves
from agent_desk.domain.clocks.pieces_to_ask import PiecesToAsk
from guichet.case.due import decided_silence, gravest_duty
from guichet.case.legal_facts import is_decided_expressly, is_said_complete, standing
from guichet.case.record import CaseRecord
from guichet.contracts.channels import Words
from guichet.contracts.legal_facts import STATED_BY_AGENTS, Day, FactKind, Nature, StatedFact
from guichet.ids import ProcedureId, derive_id
from guichet.law.calendar import paris_date
from guichet.law.clocks.clock import Clock, ClockKind
from guichet.law.clocks.doubt import Doubt
from guichet.law.clocks.doubts_in_words import doubt_in_words
from guichet.law.clocks.in_words import (
    IN_FORCE_SINCE,
    NO_CLOCK,
    TO_BE_LOOKED_AT,
    days_in_words,
    kind_in_words,
    means_in_words,
    state_in_words,
)
from guichet.law.clocks.rules import NORMAL, SilenceMeans
from guichet.law.clocks.sentences import sentence_of
from guichet.town.town import Town

NATURES: Final[tuple[Nature, ...]] = get_args(Nature)
_BY_CALENDAR_DAYS: Final = frozenset({ClockKind.SILENCE, ClockKind.PRIOR_REMEDY, ClockKind.RIGHTS_REQUEST})

CLOCK_WORDS: Final[Mapping[str, Any]] = {
    "clock_kind": lambda kind: kind_in_words(ClockKind(kind)),
    "no_clock": NO_CLOCK,
    "in_force_since": IN_FORCE_SINCE,
    "to_be_looked_at": TO_BE_LOOKED_AT,
    "natures": NATURES,
}
"""What every template may say of clocks."""


@dataclass(frozen=True)
class Foremost:
    """The clock that is told of first. days: left, or since it was due; working ones unless by_calendar.

    is_decided: silence has decided on the day `on`. is_late: its last day is over.
    """

    clock: Clock
    on: Day
    days: int
    by_calendar: bool
    is_decided: bool = False
    is_late: bool = False

    @property
    def kind(self) -> Words:
        """What is waited for."""
        return kind_in_words(self.clock.kind)


@dataclass(frozen=True)
class ClockLine:
    """One clock, in words."""

    clock: Clock

    @property
    def kind(self) -> Words:
        """What is waited for."""
        return kind_in_words(self.clock.kind)

    @property
    def state(self) -> Words:
        """How it stands."""
        return state_in_words(self.clock)

    @property
    def means(self) -> Words | None:
        """What a silence says."""
        return means_in_words(self.clock.means) if self.clock.means is not None else None

    @property
    def days(self) -> tuple[tuple[Words, Day], ...]:
        """Its days, each with what is said of it."""
        return (*days_in_words(self.clock),)

    @property
    def rule(self) -> Words:
        """What it follows, in one sentence."""
        return sentence_of(self.clock.basis)

    @property
    def since(self) -> Day | None:
        """From when on that rule has been in force; None: it says none."""
        return self.clock.basis.in_force_from


@dataclass(frozen=True)
class StatedLine:
    """What an agent said, and may take back. mark: by which a form names it."""

    fact: StatedFact

    @property
    def mark(self) -> str:
        """The same whenever the case is read."""
        return derive_id("told-fact", self.fact.model_dump_json())


class ClocksShown:
    """Made for who sees the case whole."""

    def __init__(self, case: CaseRecord, town: Town, at: datetime) -> None:
        self._now, self._town, self._case, self._at = ClocksNow(case, town, at), town, case, at

    @cached_property
    def foremost(self) -> Foremost | None:
        """What has the first line: silence that has decided, what is late, what is due next; None: nothing is."""
        found, today = self._now.found, self._now.today
        decided, duty = decided_silence(found), gravest_duty(found)
        if decided is not None and decided.ended is not None:
            return Foremost(decided, decided.ended, (today - decided.ended).days, by_calendar=True, is_decided=True)
        if duty is None or duty.due is None:
            return None
        first, last = sorted((today, duty.due))
        by_calendar = duty.kind in _BY_CALENDAR_DAYS
        days = (last - first).days if by_calendar else self._town.working_days.between(first, last)
        return Foremost(duty, duty.due, days, by_calendar, is_late=duty.due < today)

    @property
    def has_steps(self) -> bool:
        """Whether the case goes through the steps of its procedure."""
        return self._case.workflow is not None

    @property
    def silence(self) -> Clock | None:
        """The silence that will decide unless somebody does; None: none runs."""
        return self._now.silence

    @property
    def lines(self) -> tuple[ClockLine, ...]:
        """Every clock."""
        return tuple(ClockLine(each) for each in self._now.found.clocks)

    @property
    def doubts(self) -> tuple[Words, ...]:
        """Why a person has to look."""
        return tuple(doubt_in_words(each) for each in self._now.found.doubts)

    @cached_property
    def procedures(self) -> Mapping[ProcedureId, str]:
        """The labels of those that a case of its department may be."""
        treated = ((name, each) for name, each in self._town.procedures.items())
        return {name: each.label for name, each in treated if each.is_of(self._case.department)}

    @cached_property
    def told(self) -> tuple[StatedLine, ...]:
        """What agents said that stands."""
        return tuple(StatedLine(each) for each in standing(self._case.facts) if each.event in STATED_BY_AGENTS)

    def piece_called(self, name: str) -> str:
        """Return what a piece is called, by its procedure as it was when the request came; its name where none is."""
        procedure = self._town.procedures.get(ProcedureId(self.confirmed or ""))
        version = procedure.version_on(paris_date(self._case.received_at)) if procedure is not None else None
        return version.pieces[name].label if version is not None and name in version.pieces else name

    @cached_property
    def to_ask(self) -> PiecesToAsk:
        """The pieces of its procedure."""
        return PiecesToAsk(self._case, self._town, self._at)

    @property
    def open_rights(self) -> tuple[Day, ...]:
        """The days on which a right was asked for that nobody has answered."""
        rights = (each for each in self._now.found.clocks if each.kind is ClockKind.RIGHTS_REQUEST)
        return tuple(each.began for each in rights if each.is_open and each.began is not None)

    def _last(self, kind: FactKind) -> str | None:
        return next((each.fact.value for each in reversed(self.told) if each.fact.event is kind), None)

    @property
    def confirmed(self) -> str | None:
        """The procedure that was confirmed."""
        return self._last(FactKind.PROCEDURE_CONFIRMED)

    @property
    def owes_erasure(self) -> bool:
        """Whether its author was erased, and it stays as evidence alone: it goes once nobody says it is a threat."""
        return self._case.owes_erasure

    @property
    def nature(self) -> str | None:
        """What an agent said that the case is."""
        return self._last(FactKind.QUALIFIED)

    @property
    def nature_said_at(self) -> datetime | None:
        """When they said so; None: nobody did."""
        return next((each.fact.at for each in reversed(self.told) if each.fact.event is FactKind.QUALIFIED), None)

    @property
    def is_complete(self) -> bool:
        """Whether an agent said that nothing lacked."""
        return is_said_complete(self._case.facts)

    @property
    def may_be_complete(self) -> bool:
        """Whether it is worth saying that nothing lacked: silence accepts, or has, and nobody has said so."""
        return not self.is_complete and any(each.means is SilenceMeans.ACCEPTS for each in self._now.found.clocks)

    @property
    def is_decided_expressly(self) -> bool:
        """Whether a decision was taken that stands."""
        return is_decided_expressly(self._case.facts)

    @property
    def is_not_notified(self) -> bool:
        """Whether that of a decision is not proved, so that it stops nothing."""
        return Doubt.NOT_NOTIFIED in self._now.found.doubts

    @property
    def priority(self) -> str:
        """Which one counts."""
        return self._last(FactKind.PRIORITY_GIVEN) or NORMAL

    @property
    def proposed(self) -> ProcedureId | None:
        """The procedure that a rule of the town's names, and nobody has confirmed."""
        name = self._case.procedure
        return name if self.confirmed is None and name in self.procedures else None

    @property
    def priorities(self) -> tuple[str, ...]:
        """Those for which the town has targets of what the case is."""
        version = self._town.clock_rules.procedure(self.confirmed or "", self._now.today)
        return (*version.rule.targets,) if version is not None else ()

    def leaves(self, kind: str, value: str) -> Leaves | None:
        """Return which receipt leaves if that is told; None where it is nothing that can be."""
        if kind == FactKind.PROCEDURE_CONFIRMED and value in self.procedures:
            told = StatedFact(event=FactKind.PROCEDURE_CONFIRMED, at=self._at, procedure=ProcedureId(value))
        elif kind == FactKind.QUALIFIED and value in NATURES:
            told = StatedFact.model_validate({"event": FactKind.QUALIFIED, "at": self._at, "nature": value})
        else:
            return None
        return self._now.leaves(told)

    def rests_on(self) -> Literal["procedure", "lawyer", "nothing"]:
        """Say what the acknowledgement still asks for: what the case is, or what silence means by the town's lawyer."""
        if self.confirmed is None and self.nature is None:
            return "procedure"
        return "lawyer" if Doubt.TO_BE_CONFIRMED in self._now.found.doubts else "nothing"
