"""What of the list an address asks for. Pure; what it does not understand it leaves out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from agent_desk.domain.cases.listed_states import OPEN, States
from agent_desk.domain.list_pages import ROWS, list_address, page_in
from agent_desk.domain.visitor import Visitor
from agent_desk.domain.work.views import View
from guichet.ids import AgentId
from guichet.store.cases.reader import CaseFilter, Order


@dataclass(frozen=True)
class CaseQuery:
    """The list's own choices, as its address bears them. states: what `state` may be."""

    states: States
    state: str = OPEN
    waiting_longest: bool = False
    view: View = View.ALL
    page: int = 1

    def filter_for(self, visitor: Visitor, mine: tuple[AgentId, ...]) -> CaseFilter:
        """Return what to ask the store for. mine: whose work is the visitor's now."""
        wanted = CaseFilter(
            states=self.states[self.state],
            order=self._order(visitor),
            skip=(self.page - 1) * ROWS,
            limit=ROWS,
        )
        return self.view.narrowed(wanted, visitor, mine)

    @property
    def suffix(self) -> str:
        """What the address of a case ends in, so that it opens beside this list; empty for the usual one."""
        return self.address("", page=self.page)

    def is_by_activity(self, visitor: Visitor) -> bool:
        """Whether what happened last comes first, unless the longest wait does."""
        return replace(self, waiting_longest=False).filter_for(visitor, ()).is_by_activity

    def _order(self, visitor: Visitor) -> Order:
        """By activity, unless the list holds what its reader sees in synthesis, which tells no more than a day."""
        if self.waiting_longest:
            return Order.WAITING_LONGEST
        return Order.ACTIVITY if visitor.listed.whole == visitor.listed else Order.NEWEST

    def address(self, path: str = "/demandes", **changed: object) -> str:
        """Return the address of this list, or of one that differs in some choices."""
        asked = CaseQuery(**{**self.__dict__, "page": 1, **changed})
        words = {
            "etat": asked.state if asked.state != OPEN else "",
            "ordre": "attente" if asked.waiting_longest else "",
            "vue": asked.view,
        }
        return list_address(path, words, asked.page)


def read_query(words: Mapping[str, str], states: States) -> CaseQuery:
    """Return the choices in an address. states: by which its reader may ask for a list."""
    asked = words.get("etat", OPEN)
    return CaseQuery(
        states,
        state=asked if asked in states else OPEN,
        waiting_longest=words.get("ordre") == "attente",
        view=View(words["vue"]) if words.get("vue") in set(View) else View.ALL,
        page=page_in(words),
    )
