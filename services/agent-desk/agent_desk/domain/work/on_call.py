"""What the form says by which somebody is on call, and what is wrong with it. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta
from typing import Final

from agent_desk.domain.typed_day import typed_day
from agent_desk.domain.typed_time import instant_in_paris, typed_time
from agent_desk.domain.work.overlap import meets
from guichet.ids import AgentId, DepartmentId, derive_id
from guichet.law.calendar import PARIS, start_of_day
from guichet.store.agents.on_call import OnCall

WHOLE_TOWN: Final = "-"  # as a form and an address say it; no department's id
FURTHEST: Final = timedelta(days=366)  # a time on call ends by then
OF_A_DEPARTMENT: Final = 200  # that are not over: nobody plans more


@dataclass(frozen=True)
class OnCallForm:
    """What was typed. department: None: the whole town. replaces: the id of the time that is changed by it, or blank.

    errors: field → what is wrong, a code that the template words.
    """

    department: DepartmentId | None
    agent: str = ""
    first: str = ""
    first_time: str = ""
    last: str = ""
    last_time: str = ""
    replaces: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    problem: str | None = None

    @property
    def begins(self) -> datetime | None:
        """When it begins: with the day where no time is given; None where that cannot be said."""
        return _instant(self.first, self.first_time, timedelta(0))

    @property
    def ends(self) -> datetime | None:
        """When it ends, likewise: with the day, to its last minute."""
        return _instant(self.last, self.last_time, timedelta(days=1))


def _day(typed: str) -> date | None:
    """Return a day that is an instant in every zone."""
    day = typed_day(typed)
    return day if day is not None and MINYEAR < day.year < MAXYEAR else None


def _instant(typed: str, clock: str, whole: timedelta) -> datetime | None:
    day = _day(typed)
    if day is None:
        return None
    if not clock.strip():
        return start_of_day(day + whole).astimezone(UTC)
    at = typed_time(clock)
    return None if at is None else instant_in_paris(day, at)


def as_typed(department: DepartmentId | None, form: Mapping[str, str]) -> OnCallForm:
    """Return what a form says, as it was typed."""
    return OnCallForm(
        department,
        agent=form.get("agent", ""),
        first=form.get("first", ""),
        first_time=form.get("first_time", ""),
        last=form.get("last", ""),
        last_time=form.get("last_time", ""),
        replaces=form.get("replaces", ""),
    )


def to_change(period: OnCall) -> OnCallForm:
    """Return the form that says what holds: whole days without times."""
    begins, ends = period.begins.astimezone(PARIS), period.ends.astimezone(PARIS)
    last, last_time = ends.date(), f"{ends:%H:%M}"
    if ends.time() == time.min:
        last, last_time = last - timedelta(days=1), ""
    return OnCallForm(
        period.department,
        agent=period.agent,
        first=begins.date().isoformat(),
        first_time="" if begins.time() == time.min else f"{begins:%H:%M}",
        last=last.isoformat(),
        last_time=last_time,
        replaces=period.period_id,
    )


def judged(typed: OnCallForm, agents: Collection[AgentId], others: Sequence[OnCall], now: datetime) -> OnCallForm:
    """Return a form with what is wrong with it. agents: who may be on call. others: the department's, not over.

    That two are on call at once is no mistake: the page points it out. What is said twice is said once.
    """
    found = {**_wrong_moment(typed, "first"), **_wrong_moment(typed, "last")}
    begins, ends = typed.begins, typed.ends
    if not found and begins is not None and ends is not None:
        found |= _wrong_span(begins, ends, now)
    if typed.agent not in agents:
        found["agent"] = "missing"
    kept = [each for each in others if each.period_id != typed.replaces and not _is_said(typed, each)]
    if not found and len(kept) >= OF_A_DEPARTMENT:
        found["first"] = "many"
    elif not found and any(each.agent == typed.agent and meets(period_of(typed, each.agent), each) for each in kept):
        found["first"] = "twice"
    return replace(typed, errors=found)


def _wrong_moment(typed: OnCallForm, name: str) -> dict[str, str]:
    said, clock = getattr(typed, name), getattr(typed, f"{name}_time")
    if _day(said) is None:
        return {name: "missing"}
    if clock.strip() and typed_time(clock) is None:
        return {f"{name}_time": "unreadable"}
    if _instant(said, clock, timedelta(0)) is None:
        return {f"{name}_time": "skipped"}  # the clocks go forward over it
    return {}


def _wrong_span(begins: datetime, ends: datetime, now: datetime) -> dict[str, str]:
    if begins < now - FURTHEST:
        return {"first": "missing"}
    if ends <= now:
        return {"last": "past"}
    if ends <= begins:
        return {"last": "before"}
    return {"last": "far"} if ends > now + FURTHEST else {}


def _is_said(typed: OnCallForm, there: OnCall) -> bool:
    return (typed.agent, typed.begins, typed.ends) == (there.agent, there.begins, there.ends)


def period_of(typed: OnCallForm, by: AgentId) -> OnCall:
    """Return the time on call that a sound form states. by: who states it."""
    begins, ends = typed.begins, typed.ends
    assert begins is not None
    assert ends is not None
    return OnCall(
        _id=derive_id("on-call", typed.department or "", typed.agent, begins.isoformat(), ends.isoformat()),
        department=typed.department,
        agent=AgentId(typed.agent),
        begins=begins,
        ends=ends,
        stated_by=by,
    )
