"""A list of cases as a file: within what the visitor may export, page by page, each noted before it is given."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from agent_desk.domain.cases.list_file import HEADINGS, MARK, lines_of, row_of
from agent_desk.domain.cases.synthesis import synthesis_of
from agent_desk.domain.visitor import Visitor
from agent_desk.domain.work.views import scope_of_list
from agent_desk.handlers.cases.read_marks import Reading
from guichet.case.record import CaseRecord
from guichet.french.no_break_spaces import with_no_break_spaces
from guichet.ids import CaseId
from guichet.rights.case_acts import CaseAct
from guichet.rights.scope import Scope
from guichet.store.audit.trail import Act, AuditEntry, AuditTrail
from guichet.store.cases.case_filter import CaseFilter, Order
from guichet.store.cases.reader import CaseReader
from guichet.town.town import Town

MOST: Final = 10_000  # cases in a file; what is longer is a matter for the town's export
MOST_LOOKED_AT: Final = 40_000  # cases, of a list that no index answers: some seconds of the store's
AT_ONCE: Final = 200


@dataclass(frozen=True, kw_only=True)
class ListExport:
    """Reads lists for files."""

    cases: CaseReader
    reading: Reading
    audit: AuditTrail
    town: Town
    clock: Callable[[], datetime]

    async def begin(
        self, visitor: Visitor, wanted: CaseFilter, *, unread: bool = False, found: Sequence[CaseRecord] | None = None
    ) -> AsyncIterator[str]:
        """Return the file in parts. The first page is read and noted before this returns. Raises TransientError.

        unread: of these, what the visitor has not read. found: these alone, which no filter finds.
        """
        order = Order.NEWEST if wanted.order is Order.ACTIVITY else wanted.order  # or one that changes would be missed
        first = wanted.model_copy(update={"skip": 0, "after": None, "limit": AT_ONCE, "order": order})
        pages = _Pages(self, visitor, unread=unread)
        page = await pages.read(first) if found is None else await pages.of(found)
        return self._parts(pages, page)

    async def _parts(self, pages: "_Pages", page: "_Page") -> AsyncIterator[str]:
        yield MARK + lines_of([HEADINGS])
        given = looked_at = 0
        while True:
            yield self._lines(page.cases)
            given += len(page.cases)
            looked_at += page.looked_at
            if page.onwards is None:
                return
            if (end := _end_of(given, looked_at)) is not None:
                yield lines_of([(end,)])
                return
            page = await pages.read(page.onwards)

    def _lines(self, page: Sequence[CaseRecord]) -> str:
        departments, procedures = self.town.departments, self.town.procedures
        return lines_of(row_of(synthesis_of(case), departments, procedures) for case in page)


def _end_of(given: int, looked_at: int) -> str | None:
    """Return why a file ends before its list does; None: it goes on."""
    if given >= MOST:
        return with_no_break_spaces(f"Liste coupée : {MOST} demandes au plus")
    if looked_at >= MOST_LOOKED_AT:
        return with_no_break_spaces(
            f"Liste coupée : recherche arrêtée après {MOST_LOOKED_AT} demandes, il peut y en avoir d’autres"
        )
    return None


@dataclass(frozen=True)
class _Page:
    """Some of a list. onwards: what to ask for behind it; None: that was all. looked_at: cases, to find these."""

    cases: Sequence[CaseRecord]
    onwards: CaseFilter | None
    looked_at: int = 0


@dataclass(frozen=True)
class _Pages:
    """The pages of one file."""

    export: ListExport
    visitor: Visitor
    unread: bool

    async def read(self, asked: CaseFilter) -> _Page:
        """Return some of the list, noted if there is anything in it."""
        scope = scope_of_list(self.visitor, asked).with_act(CaseAct.EXPORT)
        page = await self._some(scope, asked)
        if page.cases:
            await self._note([case.case_id for case in page.cases])
        return page

    async def of(self, found: Sequence[CaseRecord]) -> _Page:
        """Return those of these cases that may be exported, noted if there are any."""
        scope = self.visitor.listed.whole.with_act(CaseAct.EXPORT)
        page = _Page([case for case in found if scope.covers(case)], None)
        if page.cases:
            await self._note([case.case_id for case in page.cases])
        return page

    async def _note(self, cases: Sequence[CaseId]) -> None:
        at, agent = self.export.clock(), self.visitor.agent.agent_id
        await self.export.audit.record(
            AuditEntry(at=at, agent=agent, act=Act.LIST_EXPORTED, thing="case", things=tuple(cases))
        )

    async def _some(self, scope: Scope, asked: CaseFilter) -> _Page:
        if not (asked.is_scanned or self.unread):
            page = await self.export.cases.list_cases(scope, asked)
            return _Page(page, _onwards(asked, page) if len(page) == AT_ONCE else None)
        found = await self.export.cases.scan(scope, asked)
        further = asked.model_copy(update={"after": found.further}) if found.further is not None else None
        if not self.unread:
            return _Page(found.cases, further, found.looked_at)
        return _Page(await self.export.reading.unread_of(self.visitor, asked, found.cases), further, found.looked_at)


def _onwards(asked: CaseFilter, page: Sequence[CaseRecord]) -> CaseFilter:
    """Return what to ask for behind a page: from its last instant on, without what it had of that instant."""
    stands = page[-1].received_at
    there = sum(case.received_at == stands for case in page)
    before = asked.skip if asked.onwards == stands else 0
    return asked.model_copy(update={"onwards": stands, "skip": before + there})
