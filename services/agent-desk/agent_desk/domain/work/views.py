"""The views of a list: by whose work a case is, and what is the matter with it. Pure."""

from datetime import date
from enum import StrEnum

from agent_desk.domain.visitor import Visitor
from guichet.contracts.case_events import CaseState
from guichet.ids import AgentId, ProcedureId
from guichet.rights.scope import Scope
from guichet.store.cases.case_filter import OPEN_STATES, CaseFilter, DueList


class View(StrEnum):
    """As an address names it.

    TO_ANSWER: cases that wait for a word of the town's. SNOOZED: for a day. FOLLOWED: in which the visitor has acted.
    UNREAD: with a citizen's message that the visitor has not read, among those that wait.
    TO_SIGN: with an answer that waits for the visitor, or another, to sign it.
    UNSENT: with a message of the town's that did not leave, or of which nobody knows whether it did.
    LATE, DUE: a clock of the law, or a target, of which the last day is over, or to come. DECIDED: by silence.
    TO_CALL: in which somebody is to be called back. URGENT: of a procedure whose cases do not wait.
    """

    ALL = ""
    TO_ANSWER = "a-repondre"
    MINE = "miennes"
    UNASSIGNED = "non-attribuees"
    SNOOZED = "en-attente"
    FOLLOWED = "suivies"
    UNSENT = "envoi-en-echec"
    TO_CALL = "a-rappeler"
    UNREAD = "non-lues"
    TO_SIGN = "a-signer"
    URGENT = "urgentes"
    LATE = "en-retard"
    DUE = "echeances"
    DECIDED = "silence"

    def narrowed(
        self,
        wanted: CaseFilter,
        visitor: Visitor,
        mine: tuple[AgentId, ...],
        urgent: tuple[ProcedureId, ...],
        today: date | None,
    ) -> CaseFilter:
        """Return what the view leaves of a list. mine: whose work is the visitor's now. urgent: such procedures.

        Closing stops no clock: what is due is among the closed ones, too, until an agent asks for a state.
        """
        states = (*wanted.states, CaseState.CLOSED) if wanted.states == OPEN_STATES else wanted.states
        left: dict[View, dict[str, object]] = {
            View.TO_ANSWER: {"to_answer": True},
            View.UNREAD: {"to_answer": True},
            View.SNOOZED: {"snoozed": True},
            View.MINE: {"assigned_to": mine},
            View.UNASSIGNED: {"unassigned": True},
            View.FOLLOWED: {"taken_up_by": visitor.agent.agent_id},
            View.UNSENT: {"unsent": True},
            View.TO_CALL: {"to_call": True},
            View.URGENT: {"procedures": tuple(each for each in urgent if wanted.procedures in (None, (each,)))},
            View.LATE: {"due": DueList.LATE, "today": today, "states": states},
            View.DUE: {"due": DueList.AHEAD, "today": today, "states": states},
            View.DECIDED: {"due": DueList.DECIDED, "today": today},
        }
        return wanted.model_copy(update=left.get(self, {}))

    @property
    def is_by_day(self) -> bool:
        """Whether it has an order of its own: that of days on which something is due, or was decided."""
        return self in {View.LATE, View.DUE, View.DECIDED}

    @property
    def is_by_agent(self) -> bool:
        """Whether it says whose work cases are: then no other agent's is asked for beside it."""
        return self in {View.MINE, View.UNASSIGNED}


def scope_of_list(visitor: Visitor, wanted: CaseFilter) -> Scope:
    """Return what a list is about. What a synthesis does not tell of a case it does not by being in a list either."""
    return visitor.listed.whole if wanted.asks_beyond_synthesis else visitor.listed
