"""The next weeks of a rota as a page lists them: who is on call, what is amiss with it, and when nobody is. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from agent_desk.domain.work.overlap import meets
from guichet.ids import AgentId, DepartmentId
from guichet.law.calendar import WorkingDays, last_day_of
from guichet.store.agents.absences import Absence
from guichet.store.agents.on_call import OnCall, reached
from guichet.town.opening_hours import OpeningHours

AHEAD: Final = timedelta(weeks=4)  # so far gaps are pointed out


@dataclass(frozen=True)
class Shift:
    """A time on call. beside: who else is on call in it. absences: the agent's that fall into it, in their order."""

    period: OnCall
    beside: tuple[AgentId, ...]
    absences: tuple[Absence, ...]

    @property
    def begins(self) -> datetime:
        """When it begins."""
        return self.period.begins


@dataclass(frozen=True)
class Gap:
    """A time in which nobody is on call, some of which the department is closed."""

    begins: datetime
    ends: datetime

    @property
    def last_day(self) -> date:
        """The last day of it, in Paris."""
        return last_day_of(self.ends)


@dataclass(frozen=True)
class OnCallNow:
    """Who is on call now for a department. period: whom the rota names. agent: whom it reaches; None: nobody.

    is_towns: by the town's rota, while the department's own reaches nobody. is_away: whom it names is.
    """

    agent: AgentId | None
    period: OnCall
    is_towns: bool = False
    is_away: bool = False


def of_department(rota: Iterable[OnCall], department: DepartmentId | None) -> list[OnCall]:
    """Return a department's own, or the town's."""
    return [period for period in rota if period.department == department]


def on_call_now(
    rota: Sequence[OnCall], department: DepartmentId | None, away: Mapping[AgentId, Absence], able: Collection[AgentId]
) -> list[OnCallNow]:
    """Return whom an urgent case would reach now, as the router finds them, and who of the department's it would not.

    rota: every time that holds now. away: who is, now. able: who may answer some of the department's cases.
    """
    told = reached(rota, department, away, able.__contains__)
    found = [OnCallNow(agent, period, period.department != department, period.agent in away) for agent, period in told]
    of_them = {period.period_id for _, period in told}
    missed = [each for each in of_department(rota, department) if each.period_id not in of_them]
    return [*found, *(OnCallNow(None, each, is_away=each.agent in away) for each in missed)]


def weeks_of(
    own: Sequence[OnCall],
    towns: Sequence[OnCall],
    absences: Sequence[Absence],
    now: datetime,
    *,
    hours: OpeningHours | None,
    calendar: WorkingDays,
) -> list[Shift | Gap]:
    """Return what a department's rota holds from now on, in its order, with the gaps that the town's leaves, too.

    own: the department's, or the town's where that is looked at. hours: the department's; None: it is never open.
    """
    shifts = [_shift(period, own, absences) for period in own]
    gaps = [
        gap
        for gap in _uncovered([*own, *towns], now, now + AHEAD)
        if hours is None or not hours.is_open_throughout(gap.begins, gap.ends, calendar)
    ]
    return sorted([*shifts, *gaps], key=lambda line: line.begins)


def _shift(period: OnCall, own: Sequence[OnCall], absences: Iterable[Absence]) -> Shift:
    beside = dict.fromkeys(each.agent for each in own if each != period and meets(each, period))
    theirs = [each for each in absences if each.agent == period.agent and meets(each, period)]
    return Shift(period, tuple(beside), tuple(theirs))


def _uncovered(periods: Iterable[OnCall], begins: datetime, ends: datetime) -> Iterator[Gap]:
    """Yield what of a time no period covers."""
    covered = begins
    for period in sorted(periods, key=lambda each: each.begins):
        if period.begins >= ends:
            break
        if period.begins > covered:
            yield Gap(covered, period.begins)
        covered = max(covered, period.ends)
    if covered < ends:
        yield Gap(covered, ends)
