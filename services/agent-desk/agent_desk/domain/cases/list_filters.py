"""By what a list can be narrowed: what its reader may know of the cases in it, and no more. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from agent_desk.domain.typed_day import typed_day
from agent_desk.domain.visitor import Visitor
from guichet.contracts.inbound import ChannelName
from guichet.ids import AgentId, DepartmentId, ProcedureId
from guichet.rights.scope import Scope
from guichet.town.procedures import Procedure

_YEARS: Final = range(1900, 2101)  # at the calendar's ends a day has none before, or after, that the store could keep


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to. since, until: days of receipt in Paris, both included. agent: whose work it is."""

    department: DepartmentId | None = None
    procedure: ProcedureId | None = None
    channel: ChannelName | None = None
    agent: AgentId | None = None
    since: date | None = None
    until: date | None = None

    @property
    def are_on(self) -> bool:
        """Whether there are any."""
        return self != NONE

    @property
    def words(self) -> Mapping[str, str]:
        """What of an address says them."""
        days = {"du": self.since, "au": self.until}
        return {
            "service": self.department or "",
            "demarche": self.procedure or "",
            "canal": self.channel or "",
            "agent": self.agent or "",
            **{word: day.isoformat() if day else "" for word, day in days.items()},
        }


NONE: Final = Filters()


@dataclass(frozen=True)
class Choosable:
    """What an address may choose, and a page offers. A kind of which there is one choice at most offers none.

    urgent: of the procedures those whose cases do not wait. places: cases may be looked for by where they are about.
    today: in Paris.
    """

    departments: Collection[DepartmentId] = ()
    procedures: Collection[ProcedureId] = ()
    channels: Collection[ChannelName] = ()
    agents: Collection[AgentId] = field(default=())
    urgent: tuple[ProcedureId, ...] = ()
    places: bool = False
    today: date | None = None

    def read(self, words: Mapping[str, str]) -> Filters:
        """Return the filters of an address. What it may not choose, or does not say in our words, is left out."""
        since, until = _day(words.get("du", "")), _day(words.get("au", ""))
        return Filters(
            department=DepartmentId(words["service"]) if words.get("service") in self.departments else None,
            procedure=ProcedureId(words["demarche"]) if words.get("demarche") in self.procedures else None,
            channel=words["canal"] if words.get("canal") in self.channels else None,
            agent=AgentId(words["agent"]) if words.get("agent") in self.agents else None,
            since=since,
            until=until if until is None or since is None or since <= until else None,
        )


def _day(typed: str) -> date | None:
    day = typed_day(typed)
    return day if day is not None and day.year in _YEARS else None


def choosable(
    visitor: Visitor,
    procedures: Mapping[ProcedureId, Procedure],
    channels: Collection[ChannelName],
    agents: Collection[AgentId],
    today: date,
) -> Choosable:
    """Return what a visitor's lists can be narrowed to.

    A synthesis tells department, procedure and day: of what is seen so alone, neither channel nor agent is chosen.
    procedures, channels: the town's. agents: who may have work that the visitor sees. today: in Paris.
    """
    departments = _departments(visitor.listed)
    treated = {name for name, each in procedures.items() if _is_seen(visitor.listed, each.department, name)}
    whole = bool(visitor.listed.whole.grants)
    return Choosable(
        departments=departments,
        procedures=treated,
        channels=channels if whole else (),
        agents=agents if whole else (),
        urgent=tuple(sorted(name for name in treated if procedures[name].urgent)),
        places=whole,
        today=today,
    )


def _departments(scope: Scope) -> frozenset[DepartmentId]:
    return frozenset[DepartmentId]().union(*(grant.departments for grant in scope.grants))


def _is_seen(scope: Scope, department: DepartmentId, procedure: ProcedureId) -> bool:
    """Say whether a list may hold cases of a procedure: they are in the department that treats it, until re-routed."""
    return bool(scope.within(department, procedure).grants)
