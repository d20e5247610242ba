"""Where a saved view leads to, for who looks at it now. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent_desk.domain.cases.case_query import read_query
from agent_desk.domain.cases.list_filters import Choosable
from agent_desk.domain.cases.listed_states import States
from guichet.ids import DepartmentId, SavedViewId


@dataclass(frozen=True)
class SavedViewShown:
    """One, opened. department: None: the reader's own. words: as they were kept; a list reads them anew."""

    view_id: SavedViewId
    department: DepartmentId | None
    name: str = field(repr=False)
    words: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class SavedViewLink:
    """address: None where its reader's lists do not understand all that was kept: they would hold something else."""

    view_id: SavedViewId
    department: DepartmentId | None
    name: str = field(repr=False)
    address: str | None


def link_to(kept: SavedViewShown, states: States, may_choose: Choosable) -> SavedViewLink:
    """Return the link of a saved view. states, may_choose: by which its reader may ask for a list."""
    query = read_query(kept.words, states, may_choose)
    understood = {name: word for name, word in query.words.items() if word}
    address = query.address() if understood == dict(kept.words) else None
    return SavedViewLink(kept.view_id, kept.department, kept.name, address)
