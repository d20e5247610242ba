"""An agent says of a task of a case's workflow that it is done, or that it is open again."""

from agent_desk.domain.decisions.decision import Sheet
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.cases.decide import DecisionPorts, issue
from guichet.case.record import CaseRecord
from guichet.contracts.case_commands import MarkTask
from guichet.ids import EventId
from guichet.store.audit.trail import Act


async def mark_task(
    visitor: Visitor,
    case: CaseRecord,
    *,
    sheet: Sheet,
    workflow: str,
    task: str,
    is_done: bool,
    ports: DecisionPorts,
) -> EventId:
    """Say so. workflow: the version of the steps that the page showed. Returns the command's id.

    Raises TransientError.
    """
    decision = ports.decide(visitor, case, "mark-task", sheet, f"{workflow}\n{task}\n{is_done}")
    given = decision.given(ports.clock())
    return await issue(MarkTask(**given, workflow=workflow, task=task, is_done=is_done), Act.TASK_MARKED, ports)
