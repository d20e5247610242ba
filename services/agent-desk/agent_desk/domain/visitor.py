"""Who is at the desk, and what they may see. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from agent_desk.domain.cases.opened_as import opened_as
from guichet.case.record import CaseRecord
from guichet.ids import AgentId, DepartmentId
from guichet.rights.case_acts import CaseAct
from guichet.rights.scope import Scope
from guichet.town.staff.agents import Agent


@dataclass(frozen=True)
class Visitor:
    """An agent who is signed in. form_token: what their forms must carry. must_change: their password, first of all.

    second_factor: the session began with one. must_enrol: one, before anything else, since the town wants it.
    reasons_for: cases, as they were (`opened_as`), for which they said in this session why they open them. callers_of:
    of which they recognised a caller.
    colleagues: what everybody is called who works for the town, or did. capacities: as what, of those who do not do an
    agent's ordinary work. handles: how notes speak to agents by name.
    administers: they change profiles and agents; administrators: what others are called who do.
    is_assigned: any work of theirs holds today; works_from: the next day on which some begins.
    by_provider: they signed in by the town's identity provider, and have no password of ours.
    keys: whether a letter alone does something, which some switch off. notified: whether their browser tells them of
    what is addressed to them, which some switch on.
    suspended: how many suspended mails wait for them, where they have the right to look; up to COUNTED_UP_TO.
    news: how much is addressed to them that they have not seen. Either is None where nobody could count it.
    """

    agent: Agent
    scope: Scope
    session_id: str
    form_token: str
    language: str
    colleagues: Mapping[AgentId, str]
    capacities: Mapping[AgentId, str] = field(default_factory=dict)
    handles: Mapping[AgentId, str] = field(default_factory=dict)
    is_assigned: bool = True
    works_from: date | None = None
    administers: bool = False
    administrators: tuple[str, ...] = ()
    must_change: bool = False
    second_factor: bool = False
    must_enrol: bool = False
    suspended: int | None = None
    news: int | None = 0
    keys: bool = True
    notified: bool = False
    reasons_for: frozenset[str] = frozenset()
    by_provider: bool = False
    callers_of: frozenset[str] = frozenset()

    @property
    def sees_cases(self) -> bool:
        """Whether they see cases, and not only the page of what they must do first."""
        return self.is_assigned and not (self.must_change or self.must_enrol)

    def owes_caller(self, case: CaseRecord) -> bool:
        """Whether they must recognise a caller before anything of a case is shown."""
        return self.scope.asks_caller(case) and opened_as(case, self.scope) not in self.callers_of

    def owes_reason(self, case: CaseRecord) -> bool:
        """Say whether they must say why they open a case before they see more than a list tells of it."""
        return self.scope.asks_reason(case) and opened_as(case, self.scope) not in self.reasons_for

    def is_told_nothing(self, case: CaseRecord) -> bool:
        """Say whether they are shown nothing of a case for now, and know by its reference alone that it is there."""
        return self.owes_caller(case) or (self.owes_reason(case) and not self.listed.covers(case))

    @property
    def listed(self) -> Scope:
        """What lists, counts and live pages are about: what is shown before anything was asked of them."""
        return self.scope.unasked

    @property
    def may_export(self) -> bool:
        """Whether there may be a case that they may have in a file."""
        return self.listed.may_somewhere(CaseAct.EXPORT)

    @property
    def shown_beside(self) -> Scope:
        """What is shown beside a case, as its citizen's: never what they see in synthesis."""
        return self.listed.whole

    @property
    def answers(self) -> bool:
        """Whether there may be a case that they may answer: work that somebody else may do in their place."""
        return self.scope.may_somewhere(CaseAct.ANSWER)

    @property
    def acts_on_many(self) -> bool:
        """Whether lists may show cases that they may give, close or hand over, several at once."""
        return any(map(self.listed.whole.may_somewhere, (CaseAct.ANSWER, CaseAct.CLOSE, CaseAct.REROUTE)))

    @property
    def enters(self) -> bool:
        """Whether they take down what people tell them."""
        return self.scope.may_somewhere(CaseAct.ENTER)

    @property
    def headed(self) -> frozenset[DepartmentId]:
        """The departments whose figures they see: where they see every case whole, if they have the right to."""
        return self.scope.whole_departments if self.agent.figures else frozenset()

    @property
    def suspended_scope(self) -> Scope:
        """Whose suspended mail they look at: their departments', if they have the right to; else nobody's."""
        if self.agent.suspended_mail:
            return self.scope
        return replace(self.scope, grants=())
