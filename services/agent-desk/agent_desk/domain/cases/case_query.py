"""What of the list an address asks for. Pure; what it does not understand it leaves out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from agent_desk.domain.cases.list_filters import NONE, Choosable, Filters
from agent_desk.domain.cases.listed_states import OPEN, States
from agent_desk.domain.list_pages import ROWS, list_address, page_in
from agent_desk.domain.visitor import Visitor
from agent_desk.domain.work.views import View
from guichet.ids import AgentId, CaseId, ProcedureId, is_id
from guichet.law.calendar import start_of_day
from guichet.rights.scope import Scope
from guichet.store.cases.case_filter import CaseFilter, ListCursor, Order

_A_DAY: Final = timedelta(days=1)
_MILLISECOND: Final = timedelta(milliseconds=1)  # as the store keeps moments
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class CaseQuery:
    """The list's own choices, as its address bears them. states: what `state` may be.

    after: behind which cursor one looks further, where no page has a number (`CaseFilter.is_scanned`).
    urgent: the procedures whose cases do not wait, of those that its reader sees. today: in Paris.
    """

    states: States
    state: str = OPEN
    waiting_longest: bool = False
    view: View = View.ALL
    filters: Filters = NONE
    page: int = 1
    after: ListCursor | None = None
    urgent: tuple[ProcedureId, ...] = ()
    today: date | None = None

    def filter_for(self, visitor: Visitor, mine: tuple[AgentId, ...]) -> CaseFilter:
        """Return what to ask the store for. mine: whose work is the visitor's now."""
        wanted = CaseFilter(
            states=self.states[self.state],
            department=self.filters.department,
            procedures=None if self.filters.procedure is None else (self.filters.procedure,),
            channel=self.filters.channel,
            assigned_to=(self.filters.agent,) if self.filters.agent else (),
            received_from=start_of_day(self.filters.since) if self.filters.since else None,
            received_before=start_of_day(self.filters.until + _A_DAY) if self.filters.until else None,
            skip=(self.page - 1) * ROWS,
            after=self.after,
            limit=ROWS,
        )
        narrowed = self.view.narrowed(wanted, visitor, mine, self.urgent, self.today)
        return narrowed.model_copy(update={"order": self._order(visitor, narrowed)})

    def counted(self, scope: Scope) -> Scope | None:
        """Return of what of a scope the numbers beside states are; None where no index counts them."""
        if replace(self.filters, department=None, procedure=None).are_on:
            return None
        return scope.within(self.filters.department, self.filters.procedure)

    def counted_work(self, scope: Scope) -> Scope | None:
        """Return the same for the numbers beside views."""
        return None if self.filters.procedure is not None else self.counted(scope)

    @property
    def suffix(self) -> str:
        """What the address of a case ends in, so that it opens beside this list; empty for the usual one."""
        return self.address("", page=self.page, after=self.after)

    def is_by_activity(self, visitor: Visitor) -> bool:
        """Whether what happened last comes first, unless the longest wait does."""
        return replace(self, waiting_longest=False).filter_for(visitor, ()).is_by_activity

    def _order(self, visitor: Visitor, wanted: CaseFilter) -> Order:
        """By activity, unless the list holds what its reader sees in synthesis, which tells no more than a day."""
        if self.waiting_longest:
            return Order.WAITING_LONGEST
        is_whole = wanted.asks_beyond_synthesis or visitor.listed.whole == visitor.listed
        return Order.ACTIVITY if is_whole else Order.NEWEST

    def address(self, path: str = "/demandes", **changed: Any) -> str:
        """Return the address of this list, or of one that differs in some choices."""
        asked = CaseQuery(**{**self.__dict__, "page": 1, "after": None, **changed})
        return list_address(path, {**asked.words, "apres": _written(asked.after)}, asked.page)

    def without(self, name: str) -> str:
        """Return the address of the same list without one of its filters."""
        return self.address(filters=replace(self.filters, **{name: None}))

    @property
    def unfiltered(self) -> str:
        """The address of the same list without any filter."""
        return self.address(filters=NONE)

    @property
    def words(self) -> Mapping[str, str]:
        """What of an address says the choices, but for the page."""
        return {
            "etat": self.state if self.state != OPEN else "",
            "ordre": "attente" if self.waiting_longest else "",
            "vue": self.view,
            **self.filters.words,
        }


def read_query(words: Mapping[str, str], states: States, may_choose: Choosable) -> CaseQuery:
    """Return the choices in an address. states, may_choose: by which its reader may ask for a list."""
    asked, filters = words.get("etat", OPEN), may_choose.read(words)
    view = View(words["vue"]) if words.get("vue") in set(View) else View.ALL
    return CaseQuery(
        states,
        state=asked if asked in states else OPEN,
        waiting_longest=words.get("ordre") == "attente",
        view=View.ALL if filters.agent is not None and view.is_by_agent else view,
        filters=filters,
        page=page_in(words),
        after=_read(words.get("apres", "")),
        urgent=may_choose.urgent,
        today=may_choose.today,
    )


def _written(cursor: ListCursor | None) -> str:
    return f"{(cursor.at - _EPOCH) // _MILLISECOND}-{cursor.case}" if cursor is not None else ""


def _read(typed: str) -> ListCursor | None:
    at, _, case = typed[:60].partition("-")
    if not (at.isascii() and at.isdigit() and len(at) <= 14 and is_id(case)):
        return None
    return ListCursor(at=_EPOCH + int(at) * _MILLISECOND, case=CaseId(case))
