"""What of the list an address asks for. Pure; what it does not understand it leaves out."""

from collections.abc import Mapping
from dataclasses import dataclass

from agent_desk.domain.list_pages import ROWS, list_address, page_in
from agent_desk.domain.visitor import Visitor
from agent_desk.domain.work.views import View
from guichet.contracts.case_events import CaseState
from guichet.store.cases.reader import OPEN_STATES, CaseFilter, Order

OPEN = "open"


@dataclass(frozen=True)
class CaseQuery:
    """The list's own choices, as its address bears them."""

    state: str = OPEN
    waiting_longest: bool = False
    view: View = View.ALL
    page: int = 1

    def filter_for(self, visitor: Visitor) -> CaseFilter:
        """Return what to ask the store for."""
        wanted = CaseFilter(
            states=OPEN_STATES if self.state == OPEN else (CaseState(self.state),),
            order=Order.WAITING_LONGEST if self.waiting_longest else Order.NEWEST,
            skip=(self.page - 1) * ROWS,
            limit=ROWS,
        )
        return self.view.narrowed(wanted, visitor)

    def address(self, path: str = "/demandes", **changed: object) -> str:
        """Return the address of this list, or of one that differs in some choices."""
        asked = CaseQuery(**{**self.__dict__, "page": 1, **changed})
        words = {
            "etat": asked.state if asked.state != OPEN else "",
            "ordre": "attente" if asked.waiting_longest else "",
            "vue": asked.view,
        }
        return list_address(path, words, asked.page)


def read_query(words: Mapping[str, str]) -> CaseQuery:
    """Return the choices in an address."""
    return CaseQuery(
        state=words["etat"] if words.get("etat") in set(CaseState) else OPEN,
        waiting_longest=words.get("ordre") == "attente",
        view=View(words["vue"]) if words.get("vue") in set(View) else View.ALL,
        page=page_in(words),
    )
