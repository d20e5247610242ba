"""Who may send what they wrote, and who signs what a colleague submitted (docs/decisions/0078). Pure."""

from agent_desk.domain.visitor import Visitor
from guichet.case.record import CaseRecord
from guichet.ids import AgentId, DepartmentId
from guichet.rights.case_acts import CaseAct
from guichet.rights.scope import Scope
from guichet.store.draft import AttachedFile, Draft
from guichet.town.town import Town

SIGNING = (CaseAct.ANSWER, CaseAct.SIGN)
"""What it takes to sign an answer and send it."""


def signs(scope: Scope, case: CaseRecord) -> bool:
    """Say whether an agent may sign answers of a case."""
    return all(scope.may(act, case) for act in SIGNING)


def sends_alone(scope: Scope, case: CaseRecord, town: Town) -> bool:
    """Say whether an agent may sign what they wrote themselves; else they submit it to somebody who may."""
    return signs(scope, case) and not town.wants_four_eyes(case.department)


def signs_of(author: AgentId, scope: Scope, case: CaseRecord, town: Town) -> bool:
    """Say whether an agent may sign what this author submitted."""
    return signs(scope, case) and (author != scope.agent or not town.wants_four_eyes(case.department))


def files_shown(draft: Draft, scope: Scope, case: CaseRecord, town: Town) -> tuple[AttachedFile, ...]:
    """Return the files of a draft that an agent may look at: of their own, of what they sign, of what they signed."""
    sends = draft.leaving is not None and draft.leaving.reply.issued_by == scope.agent
    waits = draft.to_sign is not None and not draft.is_over
    if draft.author != scope.agent and not sends and not (waits and signs_of(draft.author, scope, case, town)):
        return ()
    return (*draft.files, *(draft.leaving.files if draft.leaving is not None else ()))


def signed_departments(visitor: Visitor) -> frozenset[DepartmentId]:
    """Return of which departments there may be an answer that a visitor signs."""
    scope = visitor.listed.whole
    for act in SIGNING:
        scope = scope.with_act(act)
    return frozenset[DepartmentId]().union(*(grant.departments for grant in scope.grants))
