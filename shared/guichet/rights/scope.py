"""What an agent may see, and do there. Every reading of cases takes a scope; there is no way to read without one."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Literal, Protocol, TypeVar

from guichet.ids import AgentId, DepartmentId, ProcedureId, SectorId
from guichet.rights.case_acts import EVERY_ACT, CaseAct

T = TypeVar("T")
Detail = Literal["full", "synthesis"]  # synthesis: label of the procedure, date, generic state, department; no person


# Whoever sees no words can answer none: a synthesis is read, listed in a file, and what is new is taken down.
OF_A_SYNTHESIS: Final = frozenset({CaseAct.READ, CaseAct.EXPORT, CaseAct.ENTER})


class Seen(Protocol):
    """What of a case, or of an event of one, decides who may see it."""

    @property
    def sector(self) -> SectorId: ...
    @property
    def department(self) -> DepartmentId: ...
    @property
    def procedure(self) -> ProcedureId | None: ...
    @property
    def entered_by(self) -> AgentId | None: ...


@dataclass(frozen=True)
class Grant:
    """Cases of these departments, filed in these sectors, and what may be done with them.

    procedures: of these alone; None: of any, and of none. entered_by: taken down by these agents alone; None: however
    they came. reason_asked: whoever opens one says why. caller_identified: nothing is shown before the person who
    asks has been recognised. sensitive: of sensitive sectors, which no synthesis shows: before a reason is given
    nothing is told.
    """

    departments: frozenset[DepartmentId]
    sectors: frozenset[SectorId]
    detail: Detail = "full"
    acts: frozenset[CaseAct] = EVERY_ACT
    procedures: frozenset[ProcedureId] | None = None
    entered_by: frozenset[AgentId] | None = None
    reason_asked: bool = False
    caller_identified: bool = False
    sensitive: bool = False

    def covers(self, seen: Seen) -> bool:
        """True when a case may be seen at all."""
        return (
            seen.department in self.departments
            and seen.sector in self.sectors
            and (self.procedures is None or seen.procedure in self.procedures)
            and (self.entered_by is None or seen.entered_by in self.entered_by)
        )

    def holds(self, other: "Grant") -> bool:
        """True when it covers whatever another one does."""
        return (
            other.departments <= self.departments
            and other.sectors <= self.sectors
            and _is_of(other.procedures, self.procedures)
            and _is_of(other.entered_by, self.entered_by)
        )


@dataclass(frozen=True)
class Scope:
    """All that one agent is granted at this moment. Without a grant nothing exists for them."""

    agent: AgentId
    grants: tuple[Grant, ...]

    @classmethod
    def of_departments(
        cls, agent: AgentId, departments: Iterable[DepartmentId], sectors: Iterable[SectorId]
    ) -> "Scope":
        """Return a scope of whole cases of some departments, with every act."""
        return cls(agent, (Grant(frozenset(departments), frozenset(sectors)),))

    def covers(self, seen: Seen) -> bool:
        """True when a case may be seen at all."""
        return any(grant.covers(seen) for grant in self.grants)

    def detail_of(self, seen: Seen) -> Detail | None:
        """Return how much of a case is shown: what the widest grant says; None where it does not exist for them."""
        details = {grant.detail for grant in self._of(seen)}
        return "full" if "full" in details else "synthesis" if details else None

    def may(self, act: CaseAct, seen: Seen) -> bool:
        """True when they may do this with a case."""
        return any(act in grant.acts for grant in self._of(seen))

    def may_somewhere(self, act: CaseAct) -> bool:
        """True when there may be a case with which they may do this."""
        return any(act in grant.acts for grant in self.grants)

    def asks_reason(self, seen: Seen) -> bool:
        """True when they open a case only with a reason: every grant that shows as much of it asks for one."""
        return _all(grant.reason_asked for grant in self.widest_of(seen))

    def asks_caller(self, seen: Seen) -> bool:
        """True when they open a case only for a caller whom they recognised: every grant that shows as much says so."""
        return _all(grant.caller_identified for grant in self.widest_of(seen))

    def widest_of(self, seen: Seen) -> tuple[Grant, ...]:
        """Return the grants by which a case is seen: of those that cover it, each that shows as much as any."""
        grants = self._of(seen)
        return tuple(grant for grant in grants if grant.detail == "full") or tuple(grants)

    @property
    def unasked(self) -> "Scope":
        """What is shown before they have said anything: what lists, counts and streams are about.

        Nothing where a caller must be recognised first; where a reason is asked for a synthesis, and of a sensitive
        sector, of which there is none, nothing.
        """
        told = (grant for grant in self.grants if not grant.caller_identified)
        told = (_before_a_reason(grant) for grant in told if not (grant.reason_asked and grant.sensitive))
        return replace(self, grants=tuple(dict.fromkeys(told)))

    @property
    def whole(self) -> "Scope":
        """What they see whole, and never what they see in synthesis."""
        return replace(self, grants=tuple(grant for grant in self.grants if grant.detail == "full"))

    @property
    def widest(self) -> tuple[Grant, ...]:
        """The grants that no other one holds: together they cover what all do."""
        kept: list[Grant] = []
        for grant in self.grants:
            if not any(each.holds(grant) for each in kept):
                kept = [each for each in kept if not grant.holds(each)] + [grant]
        return tuple(kept)

    def within(self, department: DepartmentId | None = None, procedure: ProcedureId | None = None) -> "Scope":
        """What of it is one department's, and one procedure's. None: any's."""
        narrowed = (_within(grant, department, procedure) for grant in self.grants)
        return replace(self, grants=tuple(grant for grant in narrowed if grant is not None))

    def of_procedures(self, procedures: frozenset[ProcedureId]) -> "Scope":
        """What of it is of these procedures."""
        limits = ((grant, _both(grant.procedures, procedures)) for grant in self.grants)
        return replace(self, grants=tuple(replace(grant, procedures=limit) for grant, limit in limits if limit))

    def with_act(self, act: CaseAct) -> "Scope":
        """What they may do this with."""
        return replace(self, grants=tuple(grant for grant in self.grants if act in grant.acts))

    @property
    def whole_departments(self) -> frozenset[DepartmentId]:
        """The departments of which they see every case whole, and are asked nothing."""
        return frozenset[DepartmentId]().union(*(grant.departments for grant in self._unlimited))

    @property
    def whole_sectors(self) -> frozenset[SectorId]:
        """The sectors of these."""
        return frozenset[SectorId]().union(*(grant.sectors for grant in self._unlimited))

    @property
    def answered_departments(self) -> frozenset[DepartmentId]:
        """The departments of which they answer every case, and sign what they answer."""
        able = self.with_act(CaseAct.ANSWER).with_act(CaseAct.SIGN).whole.grants
        unlimited = (grant for grant in able if grant.procedures is None and grant.entered_by is None)
        return frozenset[DepartmentId]().union(*(grant.departments for grant in unlimited))

    @property
    def _unlimited(self) -> list[Grant]:
        return [grant for grant in self.unasked.whole.grants if grant.procedures is None and grant.entered_by is None]

    def _of(self, seen: Seen) -> list[Grant]:
        return [grant for grant in self.grants if grant.covers(seen)]


def _within(grant: Grant, department: DepartmentId | None, procedure: ProcedureId | None) -> Grant | None:
    if department is not None and department not in grant.departments:
        return None
    if procedure is not None and grant.procedures is not None and procedure not in grant.procedures:
        return None
    departments = grant.departments if department is None else frozenset({department})
    procedures = grant.procedures if procedure is None else frozenset({procedure})
    return replace(grant, departments=departments, procedures=procedures)


def _both(limit: frozenset[T] | None, asked: frozenset[T]) -> frozenset[T]:
    """Return what of that a limit leaves. None: there is none."""
    return asked if limit is None else limit & asked


def _is_of(some: frozenset[T] | None, more: frozenset[T] | None) -> bool:
    """Say whether a limit lies within another. None: there is none."""
    return more is None or (some is not None and some <= more)


def _before_a_reason(grant: Grant) -> Grant:
    if not grant.reason_asked:
        return grant
    return replace(grant, detail="synthesis", acts=grant.acts & OF_A_SYNTHESIS, reason_asked=False)


def _all(said: Iterable[bool]) -> bool:
    found = list(said)
    return bool(found) and all(found)
