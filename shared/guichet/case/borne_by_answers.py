"""What answers do in law once they have left: kept by the outbound message's id until then. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from guichet.case.legal_facts import FACTS_AT_MOST
from guichet.contracts.case_commands import SendReply
from guichet.contracts.legal_facts import BORNE_BY_ANSWERS, StatedFact

LEAVING_KEPT: Final = 40  # in a case: what was asked for so many answers ago and never left will not leave


def may_bear(command: SendReply, facts: tuple[StatedFact, ...]) -> bool:
    """Say whether an answer may do in law what it says: a deed of an answer, of its author's moment; or nothing."""
    fact = command.states
    return fact is None or (
        fact.event in BORNE_BY_ANSWERS and fact.at == command.occurred_at and len(facts) < FACTS_AT_MOST
    )


def with_leaving(leaving: Mapping[str, StatedFact], command: SendReply) -> dict[str, StatedFact]:
    """Return what is to leave with an answer more; what goes another way instead does what the former one did."""
    kept = dict(leaving)
    former = kept.pop(command.instead_of or "", None)
    if (fact := command.states or former) is not None:
        kept[command.outbound_id] = fact
    return dict([*kept.items()][-LEAVING_KEPT:])


def as_it_left(leaving: Mapping[str, StatedFact], outbound_id: str, at: datetime) -> StatedFact | None:
    """Return what an answer did as it left; None: nothing, or it had left before."""
    fact = leaving.get(outbound_id)
    return fact and fact.model_copy(update={"at": at})
