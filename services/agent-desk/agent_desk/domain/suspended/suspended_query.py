"""What of the suspended mail an address asks for. Pure; what it does not understand it leaves out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from agent_desk.domain.list_pages import ROWS, list_address, page_in
from guichet.store.messages.suspended import SuspendedFilter
from guichet.store.messages.suspension import SuspensionState

HERE = "/courriels-suspendus"


@dataclass(frozen=True)
class SuspendedQuery:
    """The list's own choices, as its address bears them. spam: what agents confirmed, in place of what waits."""

    spam: bool = False
    oldest_first: bool = False
    page: int = 1

    @property
    def state(self) -> SuspensionState:
        """What is listed."""
        return SuspensionState.SPAM if self.spam else SuspensionState.WAITING

    @property
    def filter(self) -> SuspendedFilter:
        """What to ask the store for: one more than is shown, which tells whether there is a next page."""
        return SuspendedFilter(
            state=self.state, oldest_first=self.oldest_first, skip=(self.page - 1) * ROWS, limit=ROWS + 1
        )

    def address(self, **changed: object) -> str:
        """Return the address of this list, or of one that differs in some choices."""
        asked = replace(self, **{"page": 1, **changed})  # type: ignore[arg-type]
        words = {
            "etat": "indesirables" if asked.spam else "",
            "ordre": "anciens" if asked.oldest_first else "",
        }
        return list_address(HERE, words, asked.page)


def read_suspended_query(words: Mapping[str, str]) -> SuspendedQuery:
    """Return the choices in an address."""
    return SuspendedQuery(
        spam=words.get("etat") == "indesirables",
        oldest_first=words.get("ordre") == "anciens",
        page=page_in(words),
    )
