"""Search cases by their words for a visitor: within their scope, opened, and noted before anything is shown.

The files know which cases have the words; the store says once more which of them the visitor sees whole, and before
anything was said (a reason, a caller). What somebody sees in synthesis is never searched by its content.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import structlog

from agent_desk.domain.cases.moments import Words
from agent_desk.domain.search.address import Asked
from agent_desk.domain.search.excerpt import (
    excerpt,
    marked,
    marked_places,
    wanted_in_name,
    wanted_in_place,
    wanted_in_text,
)
from agent_desk.domain.search.filters import Narrowing, read_narrowing
from agent_desk.domain.search.page import HitRow, SearchPage
from agent_desk.domain.search.probe import newest_to_be_there
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.cases.open_rows import open_rows
from agent_desk.handlers.cases.read_marks import Reading
from agent_desk.handlers.citizens.citizen_directory import CitizenDirectory
from agent_desk.handlers.live.live_feed import LiveFeed
from agent_desk.handlers.open_sealed import open_words
from agent_desk.handlers.search.search_files import SearchFilesPort
from agent_desk.handlers.work.absences import AbsenceBook
from guichet.contracts.inbound_content import InboundContent
from guichet.errors import TransientError
from guichet.ids import CaseId, MessageId, SectorId
from guichet.rights.case_acts import CaseAct
from guichet.rights.scope import Scope
from guichet.search.places import TownPlaces
from guichet.search.query import SearchQuery, read_query
from guichet.search_files.rows import Found, Hit
from guichet.store.audit.trail import Act, AuditEntry, AuditTrail
from guichet.store.cases.reader import CaseReader
from guichet.store.messages.document import MessageDocument
from guichet.store.messages.store import MessageStore
from guichet.town.town import Town
from guichet.vault.fields import Opened
from guichet.vault.ports import KeyOpener

log = structlog.get_logger()

HITS: Final = 20  # of a page
LOOKED_AT: Final = 200  # cases of a sector, of which the store says whether they are meant: some ten pages

Sectors = Mapping[SectorId, Found | None]


@dataclass(frozen=True, kw_only=True)
class CaseSearch:
    """where: what the town's map calls its places. Every method raises TransientError."""

    files: SearchFilesPort
    cases: CaseReader
    messages: MessageStore
    reading: Reading
    citizens: CitizenDirectory
    absences: AbsenceBook
    opener: KeyOpener
    audit: AuditTrail
    feed: LiveFeed
    town: Town
    where: TownPlaces
    clock: Callable[[], datetime]

    async def search(self, visitor: Visitor, asked: Asked) -> SearchPage:
        """Return the newest cases that have the words, or the next ones of a search that goes on."""
        query = read_query(asked.typed)
        page = SearchPage(typed=asked.typed, faults=query.faults, is_first=not asked.before)
        mine = await self.absences.whose_work(visitor.agent.agent_id)
        narrowing, unknown = read_narrowing(query, self.town, visitor, mine)
        if query.faults or unknown or query.is_blank:
            return replace(page, unknown=unknown, is_blank=query.is_blank and not (query.faults or unknown))
        scope = searched(visitor)
        found = await self._find(scope, query, asked, narrowing)
        hits, further = await self._newest(found, asked)
        rows, behind, _ = await asyncio.gather(
            self._opened(visitor, scope, hits, query),
            self._is_behind(found),
            self._note(visitor, [hit.case_id for hit in hits.values()]),
        )
        return replace(page, hits=rows, further=further, rebuilding=None in found.values(), behind=behind)

    async def _find(self, scope: Scope, query: SearchQuery, asked: Asked, narrowing: Narrowing) -> Sectors:
        """Ask the file of each sector. A search that goes on asks those alone in which there may be more."""
        limit = LOOKED_AT if narrowing.asks_the_store else HITS
        granted = frozenset[SectorId]().union(*(grant.sectors for grant in scope.grants))
        sectors = [each for each in sorted(granted) if not asked.before or each in asked.before]

        async def ask(sector: SectorId) -> Found | None:
            before = asked.before.get(sector)
            try:
                return await self.files.find(
                    sector, query, scope, limit=limit, before=before, departments=narrowing.departments
                )
            except TransientError as exc:
                log.warning("a search file cannot be read for now", sector=sector, error=str(exc))
                return None

        answers = await asyncio.gather(*(ask(sector) for sector in sectors))
        found = dict(zip(sectors, answers, strict=True))
        return await self._meant(scope, found, narrowing) if narrowing.asks_the_store else found

    async def _meant(self, scope: Scope, found: Sectors, narrowing: Narrowing) -> Sectors:
        """Leave out what was found and the store knows not to be meant."""
        every = {hit.case_id for each in found.values() if each for hit in each.hits}
        cases = await self.cases.find_many(scope, every) if every else ()
        meant = {case.case_id for case in cases if narrowing.covers(case)}
        return {
            sector: each and replace(each, hits=tuple(hit for hit in each.hits if hit.case_id in meant))
            for sector, each in found.items()
        }

    async def _newest(self, found: Sectors, asked: Asked) -> tuple[dict[MessageId, Hit], Mapping[SectorId, int] | None]:
        """Return the newest hits of all sectors together, and where each sector goes on."""
        of_sector = {hit.message_id: sector for sector, each in found.items() if each for hit in each.hits}
        every = {hit.message_id: hit for each in found.values() if each for hit in each.hits}
        there = await self.messages.find_many(every) if every else {}
        newest = sorted(there, key=lambda name: (there[name].at, every[name].number), reverse=True)[:HITS]
        shown = {name: every[name] for name in newest}
        further = dict[SectorId, int]()
        for sector, each in found.items():
            if each is None:
                continue
            last = min((shown[name].number for name in shown if of_sector[name] == sector), default=None)
            if any(hit.message_id in there and hit.message_id not in shown for hit in each.hits):
                further[sector] = last if last is not None else _where_it_began(each, asked.before.get(sector))
            elif each.further is not None:
                further[sector] = each.further
        return shown, further or None

    async def _opened(
        self, visitor: Visitor, scope: Scope, hits: Mapping[MessageId, Hit], query: SearchQuery
    ) -> tuple[HitRow, ...]:
        seen = {
            case.case_id: case for case in await self.cases.find_many(scope, [hit.case_id for hit in hits.values()])
        }
        unread = await self.reading.unread(visitor, [*seen.values()]) if query.unread else seen.keys()
        of_case = {hit.case_id: name for name, hit in hits.items() if hit.case_id in unread}
        cases = [seen[case] for case in of_case]
        rows, words = await asyncio.gather(
            open_rows(cases, opener=self.opener, citizens=self.citizens, messages=self.messages, now=self.clock()),
            self._words(of_case),
        )
        in_text, in_name, in_place = wanted_in_text(query), wanted_in_name(query), wanted_in_place(query)
        return tuple(
            HitRow(
                row=row,
                citizen=marked(row.citizen, in_name) if row.citizen else (),
                subject=marked(row.subject, in_text) if row.subject else (),
                words=excerpt(said.text, in_text) if (said := words.values.get(of_case[case.case_id])) else None,
                places=marked_places(self.where.said(said), in_place) if isinstance(said, InboundContent) else (),
            )
            for case, row in zip(cases, rows, strict=True)
        )

    async def _words(self, of_case: Mapping[CaseId, MessageId]) -> Opened[MessageId, Words]:
        documents = await self.messages.find_many(of_case.values()) if of_case else {}
        return await open_words(self.opener, _filed_there(documents.values(), of_case))

    async def _is_behind(self, found: Iterable[SectorId]) -> bool:
        """Whether a file lacks a case of which the desk itself has heard."""
        for sector in found:
            case = newest_to_be_there(self.feed.recent, sector, self.clock())
            if case is not None and await self._has(sector, case) is False:
                return True
        return False

    async def _has(self, sector: SectorId, case: CaseId) -> bool | None:
        try:
            return await self.files.has_case(sector, case)
        except TransientError:
            return None

    async def _note(self, visitor: Visitor, cases: Sequence[CaseId]) -> None:
        """Who searched, and what was shown; never for what."""
        entry = AuditEntry(
            at=self.clock(), agent=visitor.agent.agent_id, act=Act.SEARCHED, thing="case", things=tuple(cases)
        )
        await self.audit.record(entry)


def searched(visitor: Visitor) -> Scope:
    """Return what a visitor searches: the whole cases that they may read before they have said anything."""
    return visitor.shown_beside.with_act(CaseAct.READ)


def _where_it_began(found: Found, before: int | None) -> int:
    """Return from where a sector goes on of which nothing was shown: all of it again."""
    return before if before is not None else found.hits[0].number + 1


def _filed_there(messages: Iterable[MessageDocument], of_case: Mapping[CaseId, MessageId]) -> list[MessageDocument]:
    """Leave out what meanwhile lies in another case."""
    return [each for each in messages if each.filed is not None and of_case.get(each.filed) == each.message_id]
