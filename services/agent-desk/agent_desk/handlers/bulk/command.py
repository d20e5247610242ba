"""What is given in one case of a bulk act: the same command as a single form gives."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from agent_desk.domain.composer.answer import Answer
from agent_desk.domain.decisions.decision import Decision, Sheet
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.cases.decide import DecisionPorts, close_case, reroute_case, send_reply
from agent_desk.handlers.work.assign import assign_case
from guichet.case.record import CaseRecord
from guichet.ids import EventId
from guichet.store.bulk.acts import BulkAct, BulkKind
from guichet.store.bulk.cases import BulkCase


class BulkDecisionPorts(DecisionPorts):
    """The id of what is decided is the act's and the case's, whatever is said: an act says one thing in a case."""

    def decide(
        self,
        visitor: Visitor,
        case: CaseRecord,
        kind: str,
        sheet: Sheet,
        content: str,  # noqa: ARG002  see above
    ) -> Decision:
        """Return the decision."""
        return Decision(visitor.agent.agent_id, case.case_id, kind, sheet.once, "", sheet.shown)


@dataclass(frozen=True)
class Given:
    """What is given: of an act, in a case. words: what is said in it."""

    act: BulkAct
    row: BulkCase
    words: str

    @property
    def sheet(self) -> Sheet:
        """The act, in place of the rendering of a form."""
        return Sheet(self.act.bulk_id, self.row.shown)


async def give(given: Given, visitor: Visitor, case: CaseRecord, ports: BulkDecisionPorts) -> None:
    """Give it. Raises TransientError, ErasedError where the case was erased meanwhile."""
    await _GIVES[given.act.kind](given, visitor, case, ports)


async def _assign(given: Given, visitor: Visitor, case: CaseRecord, ports: BulkDecisionPorts) -> EventId:
    return await assign_case(visitor, case, sheet=given.sheet, to=given.act.to, words=given.words, ports=ports)


async def _close(given: Given, visitor: Visitor, case: CaseRecord, ports: BulkDecisionPorts) -> EventId:
    return await close_case(visitor, case, sheet=given.sheet, ports=ports, unannounced=given.act.unannounced)


async def _reroute(given: Given, visitor: Visitor, case: CaseRecord, ports: BulkDecisionPorts) -> EventId:
    department = given.act.department
    assert department is not None  # no act of the kind begins without
    return await reroute_case(
        visitor,
        case,
        sheet=given.sheet,
        department=department,
        reason=given.words,
        ports=ports,
        unannounced=given.act.unannounced,
    )


async def _reply(
    given: Given, visitor: Visitor, case: CaseRecord, ports: BulkDecisionPorts, *, closes: bool = False
) -> EventId:
    answers = given.row.answers
    assert answers is not None  # no act of the kind begins without
    answer = Answer(given.sheet, given.words, answers, given.act.awaits_answer)
    return await send_reply(visitor, case, answer, ports, closes=closes)


async def _reply_and_close(given: Given, visitor: Visitor, case: CaseRecord, ports: BulkDecisionPorts) -> EventId:
    """Give the answer and the closing behind it: the router decides them in this order."""
    answer = await _reply(given, visitor, case, ports, closes=True)
    return await close_case(visitor, case, sheet=given.sheet, ports=ports, behind=answer)


_Gives = Callable[[Given, Visitor, CaseRecord, BulkDecisionPorts], Awaitable[EventId]]
_GIVES: Final[Mapping[BulkKind, _Gives]] = {
    BulkKind.ASSIGN: _assign,
    BulkKind.CLOSE: _close,
    BulkKind.REROUTE: _reroute,
    BulkKind.REPLY: _reply,
    BulkKind.REPLY_AND_CLOSE: _reply_and_close,
}
