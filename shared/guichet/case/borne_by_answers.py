"""What answers do in law once they have left: kept by the outbound message's id, should it come back. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from guichet.case.legal_facts import FACTS_AT_MOST, with_fact
from guichet.contracts.case_commands import SendReply
from guichet.contracts.legal_facts import BORNE_BY_ANSWERS, FactKind, StatedFact

Facts = tuple[StatedFact, ...]
Leaving = dict[str, StatedFact]

LEAVING_KEPT: Final = 40  # in a case: what leaves, or comes back, so many answers later says nothing any more


def may_bear(command: SendReply, facts: tuple[StatedFact, ...]) -> bool:
    """Say whether an answer may do in law what it says: a deed of an answer, of its author's moment; or nothing."""
    fact = command.states
    return fact is None or (
        fact.event in BORNE_BY_ANSWERS and fact.at == command.occurred_at and len(facts) < FACTS_AT_MOST
    )


def with_leaving(leaving: Mapping[str, StatedFact], command: SendReply) -> dict[str, StatedFact]:
    """Return what is to leave with an answer more.

    What goes another way instead does what the former one did, but ask for pieces: its words may be others, and a
    letter that names no piece, no text and no day suspends nothing (docs/law.md 23).
    """
    kept = dict(leaving)
    former = kept.pop(command.instead_of or "", None)
    if former is not None and former.event is FactKind.PIECES_ASKED_FOR:
        former = None
    if (fact := command.states or former) is not None:
        kept[command.outbound_id] = fact
    return dict([*kept.items()][-LEAVING_KEPT:])


def has_left(leaving: Mapping[str, StatedFact], facts: Facts, outbound_id: str, at: datetime) -> tuple[Leaving, Facts]:
    """Return both as they are once an answer has left: what it does holds from that moment, once."""
    fact = leaving.get(outbound_id)
    if fact is None or fact in facts:
        return dict(leaving), facts
    so = fact.model_copy(update={"at": at})
    return {**leaving, outbound_id: so}, with_fact(facts, so)


def came_back(leaving: Mapping[str, StatedFact], facts: Facts, outbound_id: str) -> Facts:
    """Return a case's facts once an answer is known not to have arrived, though it had left: it did nothing."""
    fact = leaving.get(outbound_id)
    return facts if fact not in facts else tuple(each for each in facts if each != fact)
