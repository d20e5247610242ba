"""What a page of a search shows. Values only, opened and in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent_desk.domain.cases.case_view import CaseRow
from agent_desk.domain.search.excerpt import Part
from guichet.ids import SectorId
from guichet.search.query import QueryFault


@dataclass(frozen=True)
class HitRow:
    """A case that was found, by its newest message with the words. words: None where that does not open.

    places: where it is about, by what was looked for, if that stands in no text.
    """

    row: CaseRow
    citizen: tuple[Part, ...] = field(default=(), repr=False)
    subject: tuple[Part, ...] = field(default=(), repr=False)
    words: tuple[Part, ...] | None = field(default=None, repr=False)
    places: tuple[tuple[Part, ...], ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class SearchPage:
    """typed: what was looked for. faults: why no search was made. is_blank: there was nothing to look for.

    unknown: operators, and what was typed behind them and means nothing. rebuilding: a sector's file is being
    made, and nothing is found there yet; behind: one lacks what came last. further: in each sector, from where on there
    may be more; None: that was all. is_first: what is shown begins with the newest.
    """

    typed: str = field(default="", repr=False)
    hits: tuple[HitRow, ...] = ()
    faults: tuple[QueryFault, ...] = ()
    unknown: tuple[tuple[str, str], ...] = ()
    is_blank: bool = False
    rebuilding: bool = False
    behind: bool = False
    further: Mapping[SectorId, int] | None = None
    is_first: bool = True
