"""Lists of cases: whole pages, the part that live updates fetch again, what stands beside a case, and a file."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from agent_desk.domain.cases.case_query import CaseQuery, read_query
from agent_desk.domain.cases.list_filters import Choosable, choosable
from agent_desk.domain.cases.listed_states import states_for
from agent_desk.domain.cases.what_is_listed import what_is_listed
from agent_desk.domain.visitor import Visitor
from agent_desk.domain.work.absence import whose_work
from agent_desk.domain.work.saved_view_form import LONGEST_NAME, OWN, unused_name
from agent_desk.domain.work.saved_view_link import SavedViewLink, link_to
from agent_desk.domain.work.views import View
from agent_desk.entry.case_frame import CaseFrame
from agent_desk.entry.in_place import is_in_place
from agent_desk.entry.session_gate import SessionGate
from agent_desk.handlers.cases.export_list import ListExport
from agent_desk.handlers.cases.read_cases import ScopedCases
from agent_desk.handlers.composer.keep_drafts import DraftKeeper
from agent_desk.handlers.live.live_feed import LiveFeed
from agent_desk.handlers.live.live_streams import sees_less
from agent_desk.handlers.live.refresh_queue import RefreshQueue
from agent_desk.handlers.work.absences import AbsenceBook
from agent_desk.handlers.work.assignees import Assignees
from agent_desk.handlers.work.saved_views import SavedViewBook
from guichet.law.calendar import paris_date
from guichet.town.town import Town

EXPORT = "export.csv"
SCREEN, WIDE = "ecran", "large"  # by this cookie a browser says that a list has room beside a case (desk.js)
BESIDE = "a-cote"  # so asks a list that stands beside a case


@dataclass(frozen=True, kw_only=True)
class CaseListPages:
    """Shows lists. Everything shown comes from ScopedCases, hence within the visitor's scope and noted."""

    frame: CaseFrame
    gate: SessionGate
    cases: ScopedCases
    exports: ListExport
    views: SavedViewBook
    assignees: Assignees
    absences: AbsenceBook
    drafts: DraftKeeper
    feed: LiveFeed
    refreshes: RefreshQueue
    town: Town

    async def list_page(self, request: Request) -> Response:
        """Return the list."""
        return await self._list(request, "cases.html", await self.gate.visitor(request))

    async def live_list(self, request: Request) -> Response:
        """Return the part of the list that an open page fetches by itself."""
        visitor = await self.gate.onlooker(request)
        async with self.refreshes.of(visitor.agent.agent_id):
            if await request.is_disconnected():
                return Response(status_code=204)
            visitor = await self.gate.onlooker(request)  # with the rights that they have by now
            return await self._list(request, "case_list_part.html", visitor)

    async def _list(self, request: Request, template: str, visitor: Visitor) -> Response:
        listed = self._listed(request, visitor, beside=request.query_params.get(BESIDE) == "oui")
        if template == "cases.html":
            values, saved, refused = await asyncio.gather(listed, self.saved(visitor), self._refused(visitor))
            values |= {**_saved(saved, values["query"]), **refused}
        else:
            values = await listed
        outcome_values, of = await self.frame.outcome_values(request), request.query_params.get("de")
        return self.frame.page(request, template, visitor, of=of, **values, **outcome_values)

    async def _refused(self, visitor: Visitor) -> dict[str, Any]:
        """Return the visitor's answers that did not leave, or came back unsigned, and how their cases are called."""
        refused = await self.drafts.refused(visitor)
        back = await self.drafts.sent_back(visitor) if visitor.answers else {}
        named = {**refused, **back}
        called = await self.cases.references_of(visitor, named) if named else {}
        return {
            "refused": refused,
            "called": called,
            "sent_back": {each: back[each] for each in back if each in called},
        }

    async def _listed(self, request: Request, visitor: Visitor, *, beside: bool) -> dict[str, Any]:
        """Return what a list shows, as the address asks for it. beside: it stands beside a case."""
        states, position = states_for(visitor.listed), self.feed.position
        may_choose, away = await asyncio.gather(self.choosable(visitor), self.absences.away())
        query, mine = read_query(request.query_params, states, may_choose), whose_work(visitor.agent.agent_id, away)
        page = await self.cases.list_cases(visitor, query, mine)
        page = page.without({each.reference for each in self.feed.since(position) if sees_less(visitor.listed, each)})
        shown = {"query": query, "page": page, "listed": what_is_listed(visitor), "away": away, "mine": mine}
        shown["list_asked"] = request.url.query
        return {**shown, "may_choose": may_choose, "position": position, "beside": beside}

    async def saved(self, visitor: Visitor) -> list[SavedViewLink]:
        """Return the visitor's saved views, each with the address of its list."""
        states, may_choose = states_for(visitor.listed), await self.choosable(visitor)
        return [link_to(each, states, may_choose) for each in await self.views.list_views(visitor)]

    async def choosable(self, visitor: Visitor) -> Choosable:
        """Return to what the visitor's lists can be narrowed."""
        agents = await self.assignees.within(visitor.listed)
        return choosable(visitor, self.town.procedures, self.town.facts, agents, paris_date(self.exports.clock()))

    async def beside(self, request: Request, visitor: Visitor) -> dict[str, Any]:
        """Return the list that stands beside a case; nothing on a narrow screen, or where the page has it already.

        A case that opens in place of another page comes without it, and asks for it at once: the case is what was asked
        for, and takes half as long.
        """
        has_room = request.cookies.get(SCREEN) == WIDE and "HX-Request" not in request.headers
        if has_room and not is_in_place(request):
            return {**await self._beside(request, visitor), "comes_later": False}
        away = await self.absences.away()
        return {"page": None, "comes_later": has_room, "list_asked": request.url.query, "away": away}

    async def beside_part(self, request: Request) -> Response:
        """Return the list beside a case for a page that has come without it."""
        visitor = await self.gate.visitor(request)
        return self.frame.page(request, "case_beside.html", visitor, **await self._beside(request, visitor))

    async def _beside(self, request: Request, visitor: Visitor) -> dict[str, Any]:
        values, saved = await asyncio.gather(self._listed(request, visitor, beside=True), self.saved(visitor))
        return {**values, **_saved(saved, values["query"])}

    async def export(self, request: Request) -> Response:
        """Return the list as a file. For who may export nothing it is an address like any that there is not."""
        visitor = await self.gate.visitor(request)
        if not visitor.may_export:
            await self.cases.find_case(visitor, EXPORT)
        mine = await self.absences.whose_work(visitor.agent.agent_id)
        query = read_query(request.query_params, states_for(visitor.listed), await self.choosable(visitor))
        wanted = query.filter_for(visitor, mine)
        found = await self.cases.lists.all_to_sign(visitor, wanted) if query.view is View.TO_SIGN else None
        name = f"demandes-{paris_date(self.exports.clock())}.csv"
        return StreamingResponse(
            await self.exports.begin(visitor, wanted, unread=query.view is View.UNREAD, found=found),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


def _saved(saved: Sequence[SavedViewLink], query: CaseQuery) -> dict[str, Any]:
    """Return what a list shows of saved views, and what the form that keeps one says.

    unused_name: of what is said of this list a name that none of the visitor's other lists has.
    """
    here = query.address()
    others = [each.name for each in saved if each.department is None and each.address != here]
    naming = {"unused_name": partial(unused_name, taken=others), "longest_view_name": LONGEST_NAME}
    return {"saved": saved, "own": OWN, **naming}


def case_list_routes(pages: CaseListPages) -> APIRouter:
    """Return the routes of lists. They go before those of single cases."""
    routes = APIRouter()
    routes.add_api_route("/demandes", pages.list_page)
    routes.add_api_route("/demandes/liste", pages.live_list)
    routes.add_api_route("/demandes/a-cote", pages.beside_part)
    routes.add_api_route(f"/demandes/{EXPORT}", pages.export)
    return routes
