"""An agent says what the law's clocks of a case ask for, or that this was a mistake."""

from agent_desk.domain.clocks.fact_input import FactInput
from agent_desk.domain.decisions.decision import Sheet
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.cases.decide import DecisionPorts, issue, seal_reason
from guichet.case.record import CaseRecord
from guichet.contracts.case_commands import StateFact
from guichet.contracts.legal_facts import FactKind, StatedFact
from guichet.ids import EventId
from guichet.store.audit.trail import Act

_BEARS = {
    FactKind.PROCEDURE_CONFIRMED: "procedure",
    FactKind.QUALIFIED: "nature",
    FactKind.PRIORITY_GIVEN: "priority",
}


async def state_fact(
    visitor: Visitor, case: CaseRecord, *, sheet: Sheet, given: FactInput, ports: DecisionPorts
) -> EventId:
    """Tell one, with what shows it, sealed under the case's key, where its author wrote that. Returns the command's id.

    Raises TransientError, ErasedError when the case was erased meanwhile.
    """
    kind, at = FactKind(given.kind), ports.clock()
    borne = {_BEARS[kind]: given.value} if kind in _BEARS else {}
    fact = StatedFact.model_validate({"event": kind, "at": at, **borne})
    why = given.reason.strip()
    decision = ports.decide(visitor, case, "state-fact", sheet, "\n".join(filter(None, (kind, given.value, why))))
    reason = await seal_reason(case, decision, why, ports) if why else None
    return await issue(StateFact(**decision.given(at), fact=fact, reason=reason), Act.FACT_STATED, ports)


async def state_dated(
    visitor: Visitor, case: CaseRecord, *, sheet: Sheet, fact: StatedFact, ports: DecisionPorts
) -> EventId:
    """Tell a fact of its own day. Returns the command's id. Raises TransientError."""
    decision = ports.decide(visitor, case, "state-fact", sheet, fact.model_dump_json())
    return await issue(StateFact(**decision.given(ports.clock()), fact=fact), Act.FACT_STATED, ports)


async def withdraw_fact(
    visitor: Visitor, case: CaseRecord, *, sheet: Sheet, what: StatedFact, why: str, ports: DecisionPorts
) -> EventId:
    """Say that one was told by mistake, the reason sealed under the case's key. Returns the command's id.

    Raises TransientError, ErasedError when the case was erased meanwhile.
    """
    at = ports.clock()
    decision = ports.decide(visitor, case, "withdraw-fact", sheet, f"{what.model_dump_json()}\n{why}")
    reason = await seal_reason(case, decision, why, ports)
    fact = StatedFact(event=FactKind.WITHDRAWN, at=at, what=what)
    return await issue(StateFact(**decision.given(at), fact=fact, reason=reason), Act.FACT_STATED, ports)
