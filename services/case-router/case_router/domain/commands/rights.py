"""Whether an agent had the right to a case when they commanded it. Pure.

Every time is a time of clicks: the command's, the re-routings' in the case's history, the rights' in the town's
deployment. A command that comes late is so judged as if it had come at once.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from guichet.case.history import HistoryEntry, with_uncopied
from guichet.case.record import CaseRecord
from guichet.contracts.case_commands import CaseCommand, MailCommand
from guichet.contracts.citizen_commands import RenewLink
from guichet.errors import NoRightError
from guichet.ids import DepartmentId
from guichet.store.agents.rights import AgentRight
from guichet.store.cases.history import MOVES

# Two agents, or one in two windows, decide within moments: who lost the case just now saw it as still theirs.
SEEN_LATE: Final = timedelta(minutes=1)

# As far as two machines' clocks may differ.
AHEAD: Final = timedelta(minutes=5)


def require_given(command: CaseCommand | MailCommand | RenewLink, now: datetime) -> None:
    """Raise NoRightError for what nobody can have given yet: a date years ahead would outlast everything it touches."""
    if command.occurred_at - now > AHEAD:
        raise NoRightError(f"{type(command).__name__} {command.event_id} is dated ahead")


def require_right(
    case: CaseRecord, command: CaseCommand, rights: Sequence[AgentRight], moves: Iterable[HistoryEntry]
) -> None:
    """Raise NoRightError unless the author's rights, at the command's time, covered a department that had the case.

    moves: the case's opening and re-routings, as far as its history has them.
    """
    at = command.occurred_at
    theirs = {department for right in rights if right.held_at(at) for department in right.departments}
    if theirs.isdisjoint(departments_at(case, at, moves)):
        raise NoRightError(f"{command.issued_by} had no right to {type(command).__name__} {command.event_id}")


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
