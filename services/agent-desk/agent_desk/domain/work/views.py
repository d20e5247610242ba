"""The views of a list: by whose work a case is. Pure."""

from enum import StrEnum

from agent_desk.domain.visitor import Visitor
from guichet.ids import AgentId
from guichet.rights.scope import Scope
from guichet.store.cases.reader import CaseFilter


class View(StrEnum):
    """As an address names it.

    TO_ANSWER: cases that wait for a word of the town's. SNOOZED: for a day. FOLLOWED: in which the visitor has acted.
    """

    ALL = ""
    TO_ANSWER = "a-repondre"
    MINE = "miennes"
    UNASSIGNED = "non-attribuees"
    SNOOZED = "en-attente"
    FOLLOWED = "suivies"

    def narrowed(self, wanted: CaseFilter, visitor: Visitor, mine: tuple[AgentId, ...]) -> CaseFilter:
        """Return what the view leaves of a list. mine: whose work is the visitor's now."""
        match self:
            case View.TO_ANSWER:
                return wanted.model_copy(update={"to_answer": True})
            case View.SNOOZED:
                return wanted.model_copy(update={"snoozed": True})
            case View.MINE:
                return wanted.model_copy(update={"assigned_to": mine})
            case View.UNASSIGNED:
                return wanted.model_copy(update={"unassigned": True})
            case View.FOLLOWED:
                return wanted.model_copy(update={"taken_up_by": visitor.agent.agent_id})
            case View.ALL:
                return wanted


def scope_of_list(visitor: Visitor, wanted: CaseFilter) -> Scope:
    """Return what a list is about. Whose work a case is, a synthesis does not tell: not by being in a list either."""
    return visitor.listed.whole if wanted.asks_about_work else visitor.listed
