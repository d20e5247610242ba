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
from guichet.rights.case_acts import CaseAct
from guichet.rights.scope import Scope
from guichet.store.audit.trail import Act, AuditEntry, AuditTrail
from guichet.store.cases.case_filter import CaseFilter, Order
from guichet.store.cases.reader import CaseReader
from guichet.town.town import Town

MOST: Final = 10_000  # cases in a file; what is longer is a matter for the town's export
AT_ONCE: Final = 200


@dataclass(frozen=True, kw_only=True)
class ListExport:
    """Reads lists for files."""

    cases: CaseReader
    reading: Reading
    audit: AuditTrail
    town: Town
    clock: Callable[[], datetime]

    async def begin(self, visitor: Visitor, wanted: CaseFilter, *, unread: bool = False) -> AsyncIterator[str]:
        """Return the file in parts. The first page is read and noted before this returns. Raises TransientError.

        unread: of these, what the visitor has not read.
        """
        order = Order.NEWEST if wanted.order is Order.ACTIVITY else wanted.order  # or one that changes would be missed
        first = wanted.model_copy(update={"skip": 0, "after": None, "limit": AT_ONCE, "order": order})
        pages = _Pages(self, visitor, unread=unread)
        return self._parts(pages, *await pages.read(first))

    async def _parts(
        self, pages: "_Pages", page: Sequence[CaseRecord], onwards: CaseFilter | None
    ) -> AsyncIterator[str]:
        yield MARK + lines_of([HEADINGS])
        given = 0
        while True:
            yield self._lines(page)
            given += len(page)
            if onwards is None:
                return
            if given >= MOST:
                yield lines_of([(f"Liste coupée : {MOST} demandes au plus",)])
                return
            page, onwards = await pages.read(onwards)

    def _lines(self, page: Sequence[CaseRecord]) -> str:
        departments, procedures = self.town.departments, self.town.procedures
        return lines_of(row_of(synthesis_of(case), departments, procedures) for case in page)


@dataclass(frozen=True)
class _Pages:
    """The pages of one file."""

    export: ListExport
    visitor: Visitor
    unread: bool

    async def read(self, asked: CaseFilter) -> tuple[Sequence[CaseRecord], CaseFilter | None]:
        """Return some of the list, noted, and what to ask for behind them; None: that was all."""
        scope = scope_of_list(self.visitor, asked).with_act(CaseAct.EXPORT)
        page, onwards = await self._some(scope, asked)
        things = tuple(case.case_id for case in page)
        agent = self.visitor.agent.agent_id
        entry = AuditEntry(at=self.export.clock(), agent=agent, act=Act.LIST_EXPORTED, thing="case", things=things)
        await self.export.audit.record(entry)
        return page, onwards

    async def _some(self, scope: Scope, asked: CaseFilter) -> tuple[Sequence[CaseRecord], CaseFilter | None]:
        if not (asked.is_scanned or self.unread):
            page = await self.export.cases.list_cases(scope, asked)
            return page, _onwards(asked, page) if len(page) == AT_ONCE else None
        found = await self.export.cases.scan(scope, asked)
        further = asked.model_copy(update={"after": found.further}) if found.further is not None else None
        if not self.unread:
            return found.cases, further
        unread = await self.export.reading.unread(self.visitor, found.cases)
        return [case for case in found.cases if case.case_id in unread], further


def _onwards(asked: CaseFilter, page: Sequence[CaseRecord]) -> CaseFilter:
    """Return what to ask for behind a page: from its last instant on, without what it had of that instant."""
    stands = page[-1].received_at
    there = sum(case.received_at == stands for case in page)
    before = asked.skip if asked.onwards == stands else 0
    return asked.model_copy(update={"onwards": stands, "skip": before + there})
