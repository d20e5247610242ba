"""Find the cases of a page of a list, and count those beside it. Nothing is opened here."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from agent_desk.domain.cases.case_query import CaseQuery
from agent_desk.domain.cases.listed_states import counted_states, numbers_of
from agent_desk.domain.visitor import Visitor
from agent_desk.domain.work.views import View, scope_of_list
from agent_desk.handlers.cases.read_marks import Reading
from agent_desk.handlers.composer.sign import AnswersToSign
from guichet.case.record import CaseRecord
from guichet.ids import AgentId, CaseId
from guichet.rights.scope import Scope
from guichet.store.cases.case_filter import OPEN_STATES, CaseFilter, DueCount, Scanned, Work, cursor_at, is_within
from guichet.store.cases.reader import COUNTED_UP_TO, CaseReader

LOOKED_AT: Final = 200  # cases that a list of unread ones looks at, at once


@dataclass(frozen=True)
class ListFinder:
    """Every method raises TransientError."""

    cases: CaseReader
    reading: Reading
    signing: AnswersToSign

    async def find(self, visitor: Visitor, query: CaseQuery, wanted: CaseFilter) -> Scanned:
        """Return a page of a list; one case more where its pages have numbers and there is another."""
        scope = scope_of_list(visitor, wanted)
        if query.view is View.UNREAD:
            return await self._unread(visitor, scope, wanted)
        if query.view is View.TO_SIGN:
            asked = await self.all_to_sign(visitor, wanted)
            return Scanned(asked[wanted.skip : wanted.skip + wanted.limit + 1])
        if wanted.is_scanned:
            return await self.cases.scan(scope, wanted)
        return Scanned(await self.cases.list_cases(scope, wanted.model_copy(update={"limit": wanted.limit + 1})))

    async def _unread(self, visitor: Visitor, scope: Scope, wanted: CaseFilter) -> Scanned:
        """Return what the visitor has not read of the next cases that wait; first of all what they have put back."""
        found = await self.cases.scan(scope, wanted.model_copy(update={"limit": LOOKED_AT}))
        fresh = await self.reading.unread_of(visitor, wanted, found.cases)
        shown, further = fresh[: wanted.limit], found.further
        if len(fresh) > len(shown):
            further = cursor_at(wanted, shown[-1])
        if wanted.after is not None:
            return Scanned(shown, further)
        waiting = {case.case_id for case in fresh}
        put_back = await self.cases.find_many(scope, await self.reading.put_back(visitor))
        first = [case for case in put_back if case.case_id not in waiting and is_within(case, wanted)]
        return Scanned([*first, *shown], further)

    async def drafted(self, visitor: Visitor, cases: Sequence[CaseRecord]) -> Collection[CaseId]:
        """Return in which of a page's cases the visitor has a draft."""
        if not visitor.answers:
            return ()
        return await self.signing.drafts.begun_in(visitor.agent.agent_id, [case.case_id for case in cases])

    async def counts(self, visitor: Visitor, query: CaseQuery) -> Mapping[str, int] | None:
        """Return the number beside each state; None where no index counts them."""
        counted = query.counted(visitor.listed)
        if counted is None:
            return None
        return numbers_of(await self.cases.count(counted, counted_states(query.states)), query.states)

    async def work(self, visitor: Visitor, query: CaseQuery, mine: tuple[AgentId, ...]) -> Work | None:
        """Return the number beside each view; None likewise."""
        counted = query.counted_work(visitor.listed.whole)
        return await self.cases.count_work(counted, mine) if counted is not None else None

    async def urgent(self, visitor: Visitor, query: CaseQuery) -> int | None:
        """Return the number beside the view of urgent cases, open ones; None likewise, and where none can be."""
        counted = query.counted(visitor.listed)
        if counted is None or not query.urgent:
            return None
        found = await self.cases.count(counted.of_procedures(frozenset(query.urgent)), OPEN_STATES)
        return min(sum(found.values()), COUNTED_UP_TO)

    async def due(self, visitor: Visitor, query: CaseQuery) -> DueCount | None:
        """Return the numbers beside the views of what is late, due, and decided by silence; None likewise."""
        counted = query.counted_work(visitor.listed.whole)
        return await self.cases.count_due(counted, query.today) if counted is not None and query.today else None

    async def to_sign(self, visitor: Visitor, query: CaseQuery) -> int | None:
        """Return the number beside the view of what waits to be signed; None likewise."""
        if query.counted_work(visitor.listed.whole) is None:
            return None
        wanted = query.filter_for(visitor, ())
        return len(await self.all_to_sign(visitor, wanted))

    async def all_to_sign(self, visitor: Visitor, wanted: CaseFilter) -> list[CaseRecord]:
        """Return all cases of the view of what waits to be signed, of every page; as many as the store tells of."""
        return [case for case in await self.signing.waiting_for(visitor) if is_within(case, wanted)]
