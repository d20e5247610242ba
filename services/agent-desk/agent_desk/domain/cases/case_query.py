"""What of the list an address asks for. Pure; what it does not understand it leaves out."""

from collections.abc import Mapping
from dataclasses import dataclass

from agent_desk.domain.list_pages import ROWS, list_address, page_in
from guichet.contracts.case_events import CaseState
from guichet.ids import AgentId
from guichet.store.cases.reader import OPEN_STATES, CaseFilter, Order

OPEN = "open"


@dataclass(frozen=True)
class CaseQuery:
    """The list's own choices, as its address bears them."""

    state: str = OPEN
    waiting_longest: bool = False
    mine: bool = False
    page: int = 1

    def filter_for(self, agent: AgentId) -> CaseFilter:
        """Return what to ask the store for."""
        return CaseFilter(
            states=OPEN_STATES if self.state == OPEN else (CaseState(self.state),),
            taken_up_by=agent if self.mine else None,
            order=Order.WAITING_LONGEST if self.waiting_longest else Order.NEWEST,
            skip=(self.page - 1) * ROWS,
            limit=ROWS,
        )

    def address(self, path: str = "/demandes", **changed: object) -> str:
        """Return the address of this list, or of one that differs in some choices."""
        asked = CaseQuery(**{**self.__dict__, "page": 1, **changed})
        words = {
            "etat": asked.state if asked.state != OPEN else "",
            "ordre": "attente" if asked.waiting_longest else "",
            "miennes": "oui" if asked.mine else "",
        }
        return list_address(path, words, asked.page)


def read_query(words: Mapping[str, str]) -> CaseQuery:
    """Return the choices in an address."""
    return CaseQuery(
        state=words["etat"] if words.get("etat") in set(CaseState) else OPEN,
        waiting_longest=words.get("ordre") == "attente",
        mine=words.get("miennes") == "oui",
        page=page_in(words),
    )
