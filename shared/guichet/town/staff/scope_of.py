"""What the town lets an agent see on a day. Pure; whoever reads or decides for an agent asks here."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from guichet.ids import DepartmentId, SectorId
from guichet.rights.scope import OF_A_SYNTHESIS, Grant, Scope
from guichet.town.organisation import Department, Sector
from guichet.town.staff.agents import Agent, Assignment
from guichet.town.staff.profiles import ProfileGrant
from guichet.town.staff.staff import Staff


class Scopes:
    """Makes scopes from assignments. sectors, departments: the town's."""

    def __init__(self, sectors: Mapping[SectorId, Sector], departments: Mapping[DepartmentId, Department]) -> None:
        self._sectors = sectors
        self._departments = departments

    def of(self, agent: Agent, staff: Staff, day: date) -> Scope:
        """Return what an agent may see and do on a day (of Paris)."""
        assignments = [each for each in agent.assignments if each.holds_on(day)]
        grants = [grant for each in assignments for grant in self.of_assignment(agent, each, staff)]
        return Scope(agent.agent_id, tuple(dict.fromkeys(grants)))

    def of_assignment(self, agent: Agent, assignment: Assignment, staff: Staff) -> Iterator[Grant]:
        """Yield what an assignment grants on the days on which it holds."""
        return (grant for _, grant in self.granted(agent, assignment, staff))

    def granted(self, agent: Agent, assignment: Assignment, staff: Staff) -> Iterator[tuple[ProfileGrant, Grant]]:
        """Yield it together with what its profile says, where that comes to anything."""
        profile = staff.profiles.get(assignment.profile)
        for given in profile.grants if profile is not None else ():
            departments = self._departments_of(given, staff.own_departments(assignment))
            for each in self._apart(departments) if given.reason_asked else (departments,):
                if each:
                    yield given, self._grant(agent, given, each, staff)

    def _apart(self, departments: frozenset[DepartmentId]) -> tuple[frozenset[DepartmentId], frozenset[DepartmentId]]:
        """Return those of no sensitive sector, and those of one: of these nothing is told before a reason is given."""
        sensitive = frozenset(filter(self._is_sensitive, departments))
        return departments - sensitive, sensitive

    def _grant(self, agent: Agent, given: ProfileGrant, departments: frozenset[DepartmentId], staff: Staff) -> Grant:
        return Grant(
            departments=departments,
            sectors=frozenset(self._departments[department].sector for department in departments),
            detail=given.detail,
            acts=frozenset(given.acts) if given.detail == "full" else frozenset(given.acts) & OF_A_SYNTHESIS,
            procedures=None if given.procedures is None else frozenset(given.procedures),
            entered_by={
                None: None,
                "self": frozenset({agent.agent_id}),
                "members": staff.members,
            }[given.entered_by],
            reason_asked=given.reason_asked,
            caller_identified=given.caller_identified,
            sensitive=given.reason_asked and any(map(self._is_sensitive, departments)),
        )

    def _departments_of(self, given: ProfileGrant, own: Iterable[DepartmentId]) -> frozenset[DepartmentId]:
        """ "all" never holds a sensitive sector's department, and a synthesis never shows one."""
        if given.departments == "own":
            named = set(own)
        elif given.departments == "all":
            named = {name for name in self._departments if not self._is_sensitive(name)}
        else:
            named = set(given.departments)
        known = named & self._departments.keys()
        return frozenset(name for name in known if given.detail == "full" or not self._is_sensitive(name))

    def _is_sensitive(self, department: DepartmentId) -> bool:
        return self._sectors[self._departments[department].sector].sensitive
