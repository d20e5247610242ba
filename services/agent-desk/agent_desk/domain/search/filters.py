"""To what a search is narrowed besides by words: what was typed behind its operators, as what it means. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Final

from agent_desk.domain.search.names import Id, Names
from agent_desk.domain.typed_day import typed_day
from agent_desk.domain.visitor import Visitor
from guichet.case.record import CaseRecord
from guichet.contracts.inbound import ChannelName
from guichet.ids import AgentId, DepartmentId, ProcedureId
from guichet.law.calendar import paris_date
from guichet.search.query import SearchQuery
from guichet.town.town import Town

MYSELF: Final = "moi"


@dataclass(frozen=True)
class Narrowing:
    """None: not narrowed by it. since, until: days of receipt in Paris, both included.

    departments are words of the search files; of the rest only the store knows.
    """

    departments: frozenset[DepartmentId] | None = None
    procedures: frozenset[ProcedureId] | None = None
    channels: frozenset[ChannelName] | None = None
    agents: frozenset[AgentId] | None = None
    since: date | None = None
    until: date | None = None

    @property
    def asks_the_store(self) -> bool:
        """Whether what was found must be looked at."""
        return any(getattr(self, each.name) is not None for each in fields(self) if each.name != "departments")

    def covers(self, case: CaseRecord) -> bool:
        """Say whether a case that was found is meant."""
        day = paris_date(case.received_at)
        return (
            (self.procedures is None or case.procedure in self.procedures)
            and (self.channels is None or case.channel in self.channels)
            and (self.agents is None or case.assigned_to in self.agents)
            and (self.since is None or self.since <= day)
            and (self.until is None or day <= self.until)
        )


Unknown = tuple[tuple[str, str], ...]
"""Operators, each with what was typed behind it and means nothing."""


def read_narrowing(
    query: SearchQuery, town: Town, visitor: Visitor, mine: Collection[AgentId]
) -> tuple[Narrowing, Unknown]:
    """Return to what a query is narrowed, and what of it means nothing. mine: whose work is the visitor's now."""
    colleagues = {each: (name, MYSELF) if each in mine else (name,) for each, name in visitor.colleagues.items()}
    said = _Said(query)
    narrowing = Narrowing(
        departments=said.names("service", {each: (other.name,) for each, other in town.departments.items()}),
        procedures=said.names("demarche", {each: (other.label,) for each, other in town.procedures.items()}),
        channels=said.names("canal", {each: (facts.title.fr, facts.title.en) for each, facts in town.facts.items()}),
        agents=said.names("agent", colleagues),
        since=max(said.days("du"), default=None),
        until=min(said.days("au"), default=None),
    )
    return narrowing, tuple(said.unknown)


class _Said:
    """What stands behind a query's operators. unknown: what of it was asked for and means nothing."""

    def __init__(self, query: SearchQuery) -> None:
        self._query = query
        self.unknown: list[tuple[str, str]] = []

    def names(self, operator: str, names: Mapping[Id, Iterable[str]]) -> frozenset[Id] | None:
        """Return what is called as it was typed; None where nothing was."""
        wanted = [typed for which, typed in self._query.named if which == operator]
        known = Names(names if wanted else {})
        found = {typed: known.called(typed) for typed in wanted}
        self.unknown += [(operator, typed) for typed, each in found.items() if not each]
        return frozenset[Id]().union(*found.values()) if found else None

    def days(self, operator: str) -> list[date]:
        """Return the days that were typed."""
        found = {typed: typed_day(typed) for which, typed in self._query.days if which == operator}
        self.unknown += [(operator, typed) for typed, day in found.items() if day is None]
        return [day for day in found.values() if day is not None]
