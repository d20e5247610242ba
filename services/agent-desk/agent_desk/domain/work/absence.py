"""When agents are away: whose work is whose meanwhile, and what the form that says so says. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final

from agent_desk.domain.typed_day import typed_day
from agent_desk.domain.work.overlap import meets
from guichet.ids import AgentId, derive_id
from guichet.law.calendar import start_of_day
from guichet.store.agents.absences import OF_AN_AGENT, Absence, stand_in_of

FURTHEST: Final = timedelta(days=2 * 365)  # an absence ends by then
MOST_COLLEAGUES: Final = 20  # whose work is one agent's beside their own: a list merges no more queues
NOBODY: Final = "-"  # as a form says it; no agent's id


@dataclass(frozen=True)
class AbsenceForm:
    """What was typed. agent: who is away. errors: field → what is wrong, a code that the template words."""

    agent: AgentId
    first: str = ""
    last: str = ""
    stand_in: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    problem: str | None = None


def whose_work(me: AgentId, away: Mapping[AgentId, Absence]) -> tuple[AgentId, ...]:
    """Return whose work is one's own now: one's own, also while one is away, and that of who is stood in for."""
    others = sorted(agent for agent in away if agent != me and stand_in_of(agent, away) == me)
    return (me, *others[:MOST_COLLEAGUES])


def absence_form(
    form: Mapping[str, str], agent: AgentId, stand_ins: Collection[AgentId], theirs: Sequence[Absence], today: date
) -> AbsenceForm:
    """Return what a form says, and what is wrong with it. theirs: the agent's that are not over. today: of Paris."""
    typed = AbsenceForm(agent, form.get("first", ""), form.get("last", ""), form.get("stand_in", ""))
    return replace(typed, errors=_errors(typed, stand_ins, theirs, today))


def _errors(
    typed: AbsenceForm, stand_ins: Collection[AgentId], theirs: Sequence[Absence], today: date
) -> dict[str, str]:
    first, last, found = typed_day(typed.first), typed_day(typed.last), dict[str, str]()
    if first is None or first < today - FURTHEST:
        found["first"] = "missing"
    if last is None:
        found["last"] = "missing"
    elif last < today:
        found["last"] = "past"
    elif first is not None and last < first:
        found["last"] = "before"
    elif last > today + FURTHEST:
        found["last"] = "far"
    if typed.stand_in != NOBODY and typed.stand_in not in stand_ins:
        found["stand_in"] = "missing"
    if not found and len(theirs) >= OF_AN_AGENT:
        found["first"] = "many"
    elif not found and any(meets(absence_of(typed, typed.agent), each) for each in theirs):
        found["first"] = "twice"
    return found


def absence_of(typed: AbsenceForm, by: AgentId) -> Absence:
    """Return the absence that a sound form states. by: who states it."""
    stand_in = None if typed.stand_in == NOBODY else AgentId(typed.stand_in)
    first, last = typed_day(typed.first), typed_day(typed.last)
    assert first is not None
    assert last is not None
    return Absence(
        _id=derive_id("absence", typed.agent, first.isoformat()),
        agent=typed.agent,
        begins=start_of_day(first),
        ends=start_of_day(last + timedelta(days=1)),
        stand_in=stand_in,
        stated_by=by,
    )
