"""How much there is to do in a department, how long it has waited, and who has it. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from guichet.contracts.case_events import CaseState
from guichet.ids import AgentId
from guichet.law.calendar import paris_date
from guichet.store.cases.case_filter import OPEN_STATES
from guichet.store.cases.open_case import OpenCase

BANDS: Final = (2, 7, 15, 30)  # days, the last of each band; past them there is one more


@dataclass(frozen=True)
class Band:
    """Cases received so many days ago, both included. last: None: or longer."""

    first: int
    last: int | None
    cases: int


@dataclass(frozen=True)
class Load:
    """What is an agent's work. oldest: days since the one received first was; None: they have none."""

    agent: AgentId
    cases: int = 0
    to_answer: int = 0
    oldest: int | None = None


@dataclass(frozen=True)
class Workload:
    """Of the open cases of a department, or of several: how many there are of each kind.

    is_cut: there are more, received later, than were counted. oldest: the one received first.
    """

    states: Mapping[CaseState, int]
    to_answer: int
    snoozed: int
    unassigned: int
    unsent: int
    bands: tuple[Band, ...]
    loads: tuple[Load, ...]
    oldest: OpenCase | None
    is_cut: bool

    @property
    def cases(self) -> int:
        """How many that is."""
        return sum(self.states.values())

    @property
    def late(self) -> int:
        """How many have waited longer than any band says."""
        return self.bands[-1].cases


def workload_of(
    cases: Sequence[OpenCase], today: date, agents: Iterable[AgentId] = (), *, is_cut: bool = False
) -> Workload:
    """Return how much that is. today: of Paris. agents: of whom it is said, too, that they have nothing."""
    states = Counter(case.state for case in cases)
    return Workload(
        states={state: states[state] for state in OPEN_STATES},
        to_answer=sum(case.waits_for_us for case in cases),
        snoozed=sum(case.snoozed_until is not None for case in cases),
        unassigned=sum(case.assigned_to is None for case in cases),
        unsent=sum(bool(case.unsent) for case in cases),
        bands=_bands_of(cases, today),
        loads=_loads_of(cases, today, agents),
        oldest=min(cases, key=lambda case: (case.received_at, case.case_id), default=None),
        is_cut=is_cut,
    )


def age_of(case: OpenCase, today: date) -> int:
    """Return how many days ago a case was received; 0 for one whose day is still to come."""
    return max(0, (today - paris_date(case.received_at)).days)


def _bands_of(cases: Iterable[OpenCase], today: date) -> tuple[Band, ...]:
    ages = Counter(_band_of(age_of(case, today)) for case in cases)
    firsts = (0, *(last + 1 for last in BANDS))
    return tuple(Band(first, last, ages[last]) for first, last in zip(firsts, (*BANDS, None), strict=True))


def _band_of(age: int) -> int | None:
    return next((last for last in BANDS if age <= last), None)


def _loads_of(cases: Iterable[OpenCase], today: date, agents: Iterable[AgentId]) -> tuple[Load, ...]:
    """Return each agent's, who has most first."""
    theirs: dict[AgentId, list[OpenCase]] = {agent: [] for agent in agents}
    for case in cases:
        if case.assigned_to is not None:
            theirs.setdefault(case.assigned_to, []).append(case)
    loads = (_load_of(agent, work, today) for agent, work in theirs.items())
    return tuple(sorted(loads, key=lambda load: (-load.cases, load.agent)))


def _load_of(agent: AgentId, work: Sequence[OpenCase], today: date) -> Load:
    oldest = max((age_of(case, today) for case in work), default=None)
    return Load(agent, len(work), sum(case.waits_for_us for case in work), oldest)
