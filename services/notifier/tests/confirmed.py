"""What an agent, or a rule that the town answers for, has said of a case."""

from datetime import datetime

from guichet.contracts.legal_facts import FactKind, StatedFact
from guichet.ids import ProcedureId


def confirmed(procedure: str, at: datetime) -> StatedFact:
    """Return that it asks for a procedure. at: aware."""
    return StatedFact(event=FactKind.PROCEDURE_CONFIRMED, at=at, procedure=ProcedureId(procedure))
