"""A list that is narrowed to a place, as a search that somebody could have typed. Pure."""

import re
from collections.abc import Mapping
from typing import Final

from agent_desk.domain.cases.case_query import CaseQuery
from agent_desk.domain.cases.listed_states import OPEN
from agent_desk.domain.search.filters import MYSELF
from agent_desk.domain.work.views import View
from guichet.contracts.channels import ChannelFacts
from guichet.contracts.inbound import ChannelName
from guichet.ids import AgentId
from guichet.search.places import place_words
from guichet.search.query import LETTERS_AT_MOST

LONGEST_PLACE: Final = 100  # letters, of what somebody types into the form
_STATES: Final = {
    OPEN: "ouverte",
    "received": "recue",
    "in_progress": "encours",
    "waiting_for_citizen": "enattente",
    "closed": "close",
}
_QUOTES: Final = re.compile(r"[\"“”«»]")
_VIEWS: Final = {View.UNREAD: "est:nonlu", View.MINE: f"agent:{MYSELF}"}  # of the others no search knows


def as_typed(
    query: CaseQuery, place: str, colleagues: Mapping[AgentId, str], channels: Mapping[ChannelName, ChannelFacts]
) -> str:
    """Return what is typed for a place in a list. place: not blank; of words that stand everywhere, it alone.

    It is cut where the whole would be too long for a search: half a place finds what the whole finds, and more.
    """
    on = query.filters
    if not place_words(place):
        return _where(place, LONGEST_PLACE)
    said = {
        "service": on.department,
        "demarche": on.procedure,
        "canal": _quoted(channels[on.channel].title.fr) if on.channel else None,
        "agent": _quoted(colleagues.get(on.agent, on.agent)) if on.agent else None,
        "du": on.since.isoformat() if on.since else None,
        "au": on.until.isoformat() if on.until else None,
        "est": _STATES.get(query.state),
    }
    parts = [*(f"{operator}:{value}" for operator, value in said.items() if value)]
    narrowed = " ".join(["", *parts, *([_VIEWS[query.view]] if query.view in _VIEWS else [])])
    room = LETTERS_AT_MOST - len(narrowed) - len(_where("", 0))
    return _where(place, min(room, LONGEST_PLACE) if room > 0 else LONGEST_PLACE) + narrowed  # or said to be too long


def _where(place: str, longest: int) -> str:
    return f"lieu:{_quoted(place[:longest])}"


def _quoted(value: str) -> str:
    return f'"{_QUOTES.sub(" ", value).strip()}"'
