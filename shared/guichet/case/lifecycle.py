"""How a case moves: one table. Where an agent's verb has no state to go to from a state, the case refuses it (`may`).

Nothing leads to archived or transferred yet: a case in one of them is left alone. No verb but `destroy` ends a case,
and of a destroyed one only its tombstone is left, which nothing changes.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from guichet.contracts.case_events import CaseState

OPEN: Final = (CaseState.RECEIVED, CaseState.IN_PROGRESS, CaseState.WAITING_FOR_CITIZEN)
OVER: Final = frozenset({CaseState.ARCHIVED, CaseState.TRANSFERRED, CaseState.DESTROYED})
_LIVING: Final = (*OPEN, CaseState.CLOSED, CaseState.ARCHIVED, CaseState.TRANSFERRED)


class Verb(StrEnum):
    """What is done to a case."""

    JOIN = "a person's message joins"
    NOTE = "a machine's message joins"
    REPLY = "answer"
    ASK = "answer, and wait for the citizen"
    REROUTE = "hand over"
    ASSIGN = "give to an agent, or back"
    REMARK = "add an internal note"
    SNOOZE = "put off until a day, or not any more"
    CLOSE = "close"
    REOPEN = "open again"
    CONFIRM = "say who wrote"
    JUDGE = "declare the sender abusive, or lift that"
    TELL = "record or settle what became of a message of the town's"
    MARK = "say what is done of its workflow"
    QUALIFY = "say what the law's clocks ask for"
    RENEW = "give a new link"
    DESTROY = "destroy"


def _stays_in(states: Iterable[CaseState]) -> dict[CaseState, CaseState]:
    return {state: state for state in states}


TRANSITIONS: Final[Mapping[Verb, Mapping[CaseState, CaseState]]] = {
    # A message that once claimed a case joins it whatever became of the case since. What a person writes opens a
    # closed case again (docs/decisions/0005); a new one stays new until an agent acts.
    Verb.JOIN: {
        **_stays_in(_LIVING),
        CaseState.WAITING_FOR_CITIZEN: CaseState.IN_PROGRESS,
        CaseState.CLOSED: CaseState.IN_PROGRESS,
    },
    Verb.NOTE: _stays_in(_LIVING),  # an out-of-office note or a bounce is no answer
    Verb.REPLY: dict.fromkeys(OPEN, CaseState.IN_PROGRESS),
    Verb.ASK: dict.fromkeys(OPEN, CaseState.WAITING_FOR_CITIZEN),
    Verb.REROUTE: _stays_in(OPEN),  # no clock restarts
    Verb.ASSIGN: _stays_in(OPEN),
    Verb.REMARK: _stays_in((*OPEN, CaseState.CLOSED)),  # who looks back at it may have something to say
    Verb.SNOOZE: _stays_in(OPEN),  # it is the agents' affair: the citizen reads the same state as before
    Verb.CLOSE: dict.fromkeys(OPEN, CaseState.CLOSED),
    Verb.REOPEN: {CaseState.CLOSED: CaseState.IN_PROGRESS},
    Verb.CONFIRM: _stays_in(OPEN),
    Verb.JUDGE: _stays_in((*OPEN, CaseState.CLOSED)),  # abuse is often seen once the case is done with
    Verb.TELL: _stays_in(_LIVING),  # providers report when they like
    Verb.MARK: _stays_in(OPEN),
    Verb.QUALIFY: _stays_in((*OPEN, CaseState.CLOSED)),  # closing stops no clock of the law
    Verb.RENEW: _stays_in(_LIVING),  # a link ends after the case was closed
    Verb.DESTROY: dict.fromkeys(_LIVING, CaseState.DESTROYED),
}


def may(verb: Verb, state: CaseState) -> bool:
    """Say whether something may be done to a case in a state."""
    return state in TRANSITIONS[verb]
