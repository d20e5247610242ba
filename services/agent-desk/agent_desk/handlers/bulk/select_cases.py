"""Read the cases that an agent ticked, and say before anything is given what cannot be."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from agent_desk.domain.bulk.bulk_form import BulkForm
from agent_desk.domain.bulk.selected import Selected
from agent_desk.domain.bulk.why_not import unsaid_guards, why_not, why_not_there, why_not_to
from agent_desk.domain.cases.case_query import CaseQuery
from agent_desk.domain.cases.case_view import CaseRow
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.bulk.write_answers import BulkAnswers
from agent_desk.handlers.cases.open_rows import open_latest, open_rows, with_latest
from agent_desk.handlers.cases.read_cases import ScopedCases, is_reference
from agent_desk.handlers.work.assignees import Assignees
from guichet.batches import batched
from guichet.case.record import CaseRecord
from guichet.ids import AgentId, Reference
from guichet.store.audit.trail import Act, AuditEntry
from guichet.store.bulk.acts import BulkKind
from guichet.store.bulk.cases import MOST
from guichet.town.town import Town

LOOKS: Final = 20  # each among some hundreds of cases: about a second of the store's
_AT_ONCE = 20


@dataclass(frozen=True)
class CaseSelection:
    """Only what a list shows whole can be ticked: what asks for a reason or a caller first is decided case by case.

    Every method raises TransientError.
    """

    cases: ScopedCases
    assignees: Assignees
    answers: BulkAnswers
    town: Town

    async def references(
        self, visitor: Visitor, query: CaseQuery, mine: tuple[AgentId, ...]
    ) -> tuple[tuple[Reference, ...], bool]:
        """Return what a list leads to, MOST at most, and whether there may be more. mine: whose work is theirs now.

        Where no index answers the list, it is looked further into as who reads it would, up to LOOKS times.
        """
        first = {"skip": 0, "after": None, "limit": MOST}
        wanted = query.filter_for(visitor, mine).model_copy(update=first)
        found = dict[Reference, CaseRecord]()
        for _ in range(LOOKS):
            some = await self.cases.lists.find(visitor, query, wanted)
            found |= {case.reference: case for case in some.cases}
            if some.further is None or len(found) > MOST:
                break
            wanted = wanted.model_copy(update={"after": some.further})
        whole = tuple(name for name, case in found.items() if visitor.listed.detail_of(case) == "full")
        return whole[:MOST], len(found) > MOST or some.further is not None

    async def of(self, visitor: Visitor, form: BulkForm) -> tuple[Selected, ...]:
        """Return the cases of a form, opened as a list opens them, each with why it is left out.

        One that the visitor does not see in lists is not there. Raises TransientError.
        """
        found = await self._find(visitor, form.references)
        rows = await self._rows(found)
        await self._note(visitor, Act.LISTED, [case.case_id for case in found])
        if missing := {*filter(is_reference, form.references)} - {case.reference for case in found}:
            await self._note(visitor, Act.NOT_FOUND, *([each] for each in sorted(missing)))  # each is a try of its own
        judged = [await self._judged(visitor, case, row, form) for case, row in zip(found, rows, strict=True)]
        return await self.answers.written(visitor, judged, form) if form.kind.answers else tuple(judged)

    async def able(self, selected: Sequence[Selected]) -> frozenset[AgentId]:
        """Return who may be given at least one of these cases."""
        able = [await self.assignees.of(each.case) for each in selected]
        return frozenset[AgentId]().union(*able)

    async def _judged(self, visitor: Visitor, case: CaseRecord, row: CaseRow, form: BulkForm) -> Selected:
        why = why_not(form.kind, case, visitor.listed.whole, self.town)
        if form.kind is BulkKind.ASSIGN and form.to:
            why = why or why_not_to(case, form.assignee, await self.assignees.of(case))
        if form.kind is BulkKind.REROUTE and form.goes_to is not None:
            why = why or why_not_there(case, form.goes_to)
        guards = unsaid_guards(form.kind, case, self.town, self.cases.clock()) if why is None else ()
        return Selected(case, row, why, guards)

    async def _note(self, visitor: Visitor, act: Act, *noted: Collection[str]) -> None:
        at, agent = self.cases.clock(), visitor.agent.agent_id
        entries = (AuditEntry(at=at, agent=agent, act=act, thing="case", things=tuple(things)) for things in noted)
        await self.cases.audit.record(*entries)

    async def _find(self, visitor: Visitor, references: Collection[Reference]) -> list[CaseRecord]:
        scope, found = visitor.listed.whole, list[CaseRecord]()
        for some in batched([each for each in references if is_reference(each)], _AT_ONCE):
            asked = (self.cases.cases.find_by_reference(scope, each) for each in some)
            found += [case for case in await asyncio.gather(*asked) if case is not None]
        return found

    async def _rows(self, cases: Sequence[CaseRecord]) -> tuple[CaseRow, ...]:
        opener, messages = self.cases.opener, self.cases.story.messages
        rows, words = await asyncio.gather(
            open_rows(cases, opener=opener, citizens=self.cases.citizens, messages=messages, now=self.cases.clock()),
            open_latest(cases, opener=opener, messages=messages),
        )
        return with_latest(rows, cases, words, self.town)
