"""Whether an agent had the right to a case when they commanded it. Pure.

Every time is a time of clicks: the command's, the re-routings' in the case's history, the rights' in the town's
deployment. A command that comes late is so judged as if it had come at once.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime, timedelta
from typing import Final

from guichet.case.history import HistoryEntry, with_uncopied
from guichet.case.record import CaseRecord
from guichet.contracts.case_commands import (
    AddNote,
    AssignCase,
    CaseCommand,
    CloseCase,
    ConfirmSender,
    DeclareAbuse,
    LiftAbuse,
    MailCommand,
    MarkTask,
    ReopenCase,
    RerouteCase,
    SendReply,
    SettleDelivery,
    SnoozeCase,
    StateFact,
)
from guichet.contracts.citizen_commands import RenewLink
from guichet.errors import NoRightError
from guichet.ids import DepartmentId
from guichet.rights.case_acts import CaseAct
from guichet.store.agents.rights import AgentRight, CommandGrant
from guichet.store.cases.history import MOVES

# Two agents, or one in two windows, decide within moments: who lost the case just now saw it as still theirs.
SEEN_LATE: Final = timedelta(minutes=1)

# As far as two machines' clocks may differ.
AHEAD: Final = timedelta(minutes=5)

# A command waits on its topic, or as a dead letter until somebody has mended what stopped it. One from before that is
# given again: its case has moved on, and whoever dates what they sign could go back to any right that ever was.
LATEST: Final = timedelta(days=30)


# What its author must have been granted. An answer leaves only from who may both write and sign it.
ACTS: Final[Mapping[type[CaseCommand], tuple[CaseAct, ...]]] = {
    SendReply: (CaseAct.ANSWER, CaseAct.SIGN),
    RerouteCase: (CaseAct.REROUTE,),
    AssignCase: (CaseAct.ANSWER,),
    AddNote: (CaseAct.ANSWER,),
    SnoozeCase: (CaseAct.ANSWER,),
    CloseCase: (CaseAct.CLOSE,),
    ReopenCase: (CaseAct.CLOSE,),
    StateFact: (CaseAct.ANSWER,),
    MarkTask: (CaseAct.ANSWER,),
    ConfirmSender: (CaseAct.ANSWER,),
    SettleDelivery: (CaseAct.ANSWER,),
    DeclareAbuse: (CaseAct.CLOSE,),
    LiftAbuse: (CaseAct.CLOSE,),
}


def require_given(command: CaseCommand | MailCommand | RenewLink, now: datetime) -> None:
    """Raise NoRightError for what nobody can have given yet, and for an agent's of too long ago.

    A date years ahead would outlast everything it touches; one years back would have the rights of then. A citizen's
    command is made with the link of the case, whenever it was.
    """
    if command.occurred_at - now > AHEAD:
        raise NoRightError(f"{type(command).__name__} {command.event_id} is dated ahead")
    if not isinstance(command, RenewLink) and now - command.occurred_at > LATEST:
        raise NoRightError(f"{type(command).__name__} {command.event_id} is of more than {LATEST.days} days ago")


def require_right(
    case: CaseRecord, command: CaseCommand, rights: Sequence[AgentRight], moves: Iterable[HistoryEntry]
) -> None:
    """Raise NoRightError unless the author, at the command's time, had each right that it takes to such a case.

    The case counts for the department that had it then. moves: its opening and re-routings, as far as its history has
    them.
    """
    at = command.occurred_at
    departments = departments_at(case, at, moves)
    grants = [grant for right in rights for grant in right.grants_at(at) if _covers(grant, case, departments)]
    if not all(any(act in grant.acts for grant in grants) for act in ACTS[type(command)]):
        raise NoRightError(f"{command.issued_by} had no right to {type(command).__name__} {command.event_id}")


def require_another_author(command: SendReply) -> None:
    """Raise NoRightError for an answer that nobody but its sender wrote, where a town wants four eyes (decisions/0078).

    A page of before names nobody, and sends none. Who takes the desk's host can name anybody: that is
    not held back here.
    """
    if command.drafted_by is None or command.drafted_by == command.issued_by:
        raise NoRightError(f"{command.issued_by} has nobody's answer to sign with {command.event_id}")


def may_work_on(case: CaseRecord, rights: Iterable[AgentRight], at: datetime) -> bool:
    """Say whether an agent may answer a case as it stands, at that time: else it is no work of theirs."""
    return _may(CaseAct.ANSWER, case, rights, at)


def may_close(case: CaseRecord, rights: Iterable[AgentRight], at: datetime) -> bool:
    """Say whether an agent may close a case as it stands, at that time."""
    return _may(CaseAct.CLOSE, case, rights, at)


def _may(act: CaseAct, case: CaseRecord, rights: Iterable[AgentRight], at: datetime) -> bool:
    grants = (grant for right in rights for grant in right.grants_at(at) if _covers(grant, case, {case.department}))
    return any(act in grant.acts for grant in grants)


def _covers(grant: CommandGrant, case: CaseRecord, departments: Set[DepartmentId]) -> bool:
    """Say whether a grant is of such a case. departments: that had it."""
    return (
        not departments.isdisjoint(grant.departments)
        and (grant.procedures is None or case.procedure in grant.procedures)
        and (grant.entered_by is None or case.entered_by in grant.entered_by)
    )


def departments_at(case: CaseRecord, at: datetime, moves: Iterable[HistoryEntry]) -> set[DepartmentId]:
    """Return who had the case at that time, and in the moments before, as far as a page may lag behind."""
    from_then, whole = at - SEEN_LATE, _whole(case, moves)
    later = (department for since, department in whole if from_then < since <= at)
    return {_department_at(case, from_then, whole), *later}


def _department_at(case: CaseRecord, at: datetime, moves: Sequence[tuple[datetime, DepartmentId]]) -> DepartmentId:
    if not moves:
        return case.department
    return next((department for since, department in reversed(moves) if since <= at), moves[0][1])


def _whole(case: CaseRecord, copied: Iterable[HistoryEntry]) -> list[tuple[datetime, DepartmentId]]:
    """Return when the case came to which department, in the order of its history: the opening first."""
    waiting = [entry for entry in case.outbox if entry.event["type"] in MOVES]
    return [(entry.at, entry.department) for entry in with_uncopied(copied, waiting) if entry.department is not None]
