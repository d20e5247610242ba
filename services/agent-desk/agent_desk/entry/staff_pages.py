"""The pages on which whoever the town names changes agents, profiles, units and mappings: not there for others."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from agent_desk.domain.cases.typed_reference import as_reference
from agent_desk.domain.errors import BusyError, NotFoundError
from agent_desk.domain.staff.named_faults import named_for_people
from agent_desk.domain.staff.staff_forms import Said, Typed, read, said_by, said_of, said_of_none
from agent_desk.domain.visitor import Visitor
from agent_desk.entry.session_gate import SessionGate
from agent_desk.handlers.staff.edit_staff import StaffEditor
from agent_desk.handlers.staff.explain_sight import SightExplainer
from agent_desk.handlers.staff.give_account import AccountGiver
from guichet.ids import AgentId
from guichet.law.calendar import paris_date
from guichet.store.agents.staff_changes import OVERTAKEN, StaffBook
from guichet.town.staff.agents import Agent
from guichet.town.staff.faults import Fault
from guichet.town.staff.identities import IdentityMapping
from guichet.town.staff.overlay import StaffKind, StaffValue, mapping_key, thing
from guichet.town.town import Town

HERE: Final = "/administration"
KINDS: Final[Mapping[str, StaffKind]] = {
    "agents": StaffKind.AGENT,
    "profils": StaffKind.PROFILE,
    "unites": StaffKind.UNIT,
    "correspondances": StaffKind.MAPPING,
}
NEW: Final = "nouveau"


@dataclass(frozen=True)
class Sheet:
    """One thing on its page. key: blank for one that is new. said: as it is, or as it was typed. version: the one read.

    faults: why what was typed is not taken. in_files: whether the town's files say it, too.
    """

    place: str
    kind: StaffKind
    key: str
    said: Said
    version: str
    in_files: bool
    faults: tuple[Fault, ...] = ()

    @property
    def address(self) -> str:
        """Where its page is."""
        return f"{HERE}/{self.place}/{self.key or NEW}"

    @property
    def is_changed(self) -> bool:
        """Whether it was changed since the town's files."""
        return bool(self.version)


@dataclass(frozen=True, kw_only=True)
class StaffPages:
    """The pages of the administration. Each raises NotFoundError to whom the town has not named."""

    gate: SessionGate
    editor: StaffEditor
    accounts: AccountGiver
    sight: SightExplainer
    town: Town

    async def home(self, request: Request) -> Response:
        """Lead to the agents."""
        await self._administrator(request)
        return RedirectResponse(f"{HERE}/agents", 303)

    async def listed(self, request: Request, place: str) -> Response:
        """Show everything of one kind."""
        visitor, kind, book = await self._administrator(request), _kind(place), await self.editor.book()
        gone = [entry for entry in book.entries.values() if entry.kind is kind and entry.overlay.value is None]
        changed = {entry.key for entry in book.entries.values() if entry.kind is kind}
        added = {key for key in changed if not book.in_files(kind, key)}
        things = {"gone": gone, "changed": changed, "added": added, "things": _things(book, kind)}
        shown: dict[str, Any] = {"kind": kind, **things}
        accounts = await self.accounts.accounts.find_ids() if kind is StaffKind.AGENT else frozenset[AgentId]()
        return self._page(request, "staff_list.html", visitor, book, place=place, accounts=accounts, **shown)

    async def sheet(self, request: Request, place: str, key: str) -> Response:
        """Show one thing, or the form of a new one."""
        visitor, kind, book = await self._administrator(request), _kind(place), await self.editor.book()
        if key == NEW:
            return await self._sheet(request, visitor, book, Sheet(place, kind, "", said_of_none(kind), "", False))
        value = thing(book.now, kind, key)
        if value is None:
            raise NotFoundError
        return await self._sheet(request, visitor, book, _sheet(book, place, kind, key, value))

    async def save(self, request: Request, place: str, key: str) -> Response:
        """Take what was typed."""
        visitor, typed = await self._form(request)
        kind, book = _kind(place), await self.editor.book()
        known = None if key == NEW else thing(book.now, kind, key)
        if known is None and key != NEW:
            raise NotFoundError
        key = _new_key(kind, typed) if key == NEW else key
        said = said_by(kind, typed, known, key)
        value = read(kind, said)
        faults = (
            value
            if isinstance(value, list)
            else await self.editor.put(kind, key, known, value, read=typed.one("version"), by=visitor.agent.agent_id)
        )
        if faults:
            if OVERTAKEN in faults:  # who looks at what it is now may save again
                book = await self.editor.book()
            shown = "" if known is None else key
            version = book.version(kind, key) if known is not None else ""
            sheet = Sheet(place, kind, shown, said, version, book.in_files(kind, key), tuple(faults))
            return await self._sheet(request, visitor, book, sheet, status=422, typed_key=typed.one("key"))
        if isinstance(value, IdentityMapping):
            key = mapping_key(value)
        return RedirectResponse(f"{HERE}/{place}/{key}?fait=enregistre", 303)

    async def take(self, request: Request, place: str, key: str) -> Response:
        """Take a thing away."""
        return await self._without(request, place, key, "retire", self.editor.take)

    async def give_back(self, request: Request, place: str, key: str) -> Response:
        """Let the town's files say again what a thing is."""
        return await self._without(request, place, key, "rendu", self.editor.give_back)

    async def _without(
        self,
        request: Request,
        place: str,
        key: str,
        done: str,
        act: Callable[[StaffKind, str, str, AgentId], Awaitable[list[Fault]]],
    ) -> Response:
        visitor, typed = await self._form(request)
        kind = _kind(place)
        faults = await act(kind, key, typed.one("version"), visitor.agent.agent_id)
        if not faults:
            return RedirectResponse(f"{HERE}/{place}?fait={done}", 303)
        book = await self.editor.book()
        value = thing(book.now, kind, key)
        if value is None:
            return RedirectResponse(f"{HERE}/{place}?refus={faults[0].what.value}", 303)
        named = tuple(named_for_people(each, book.now) for each in faults)
        sheet = _sheet(book, place, kind, key, value, named)
        return await self._sheet(request, visitor, book, sheet, status=409)

    async def account(self, request: Request, key: str) -> Response:
        """Give an agent an account, and show its one-time password, once."""
        visitor, _ = await self._form(request)
        book = await self.editor.book()
        agent = book.now.by_id.get(AgentId(key))
        if agent is None or agent.identity is not None:
            raise NotFoundError
        try:
            password = await self.accounts.give(agent.agent_id, by=visitor.agent.agent_id)
        except BusyError:
            return RedirectResponse(f"{HERE}/agents/{key}?refus=busy", 303)
        return self._page(request, "staff_password.html", visitor, book, agent=agent, password=password)

    async def why(self, request: Request) -> Response:
        """Show the form that asks what an agent sees of a case."""
        visitor = await self._administrator(request)
        return await self._why(request, visitor)

    async def explain(self, request: Request) -> Response:
        """Say it."""
        visitor, typed = await self._form(request)
        agent, reference = AgentId(typed.one("agent")), as_reference(typed.one("reference"))
        sight = await self.sight.explain(visitor, agent, reference)
        return await self._why(request, visitor, agent=agent, reference=reference, sight=sight, asked=True)

    async def _why(self, request: Request, visitor: Visitor, **values: Any) -> Response:
        shown = {"place": "pourquoi", "agent": "", "reference": "", "sight": None, "asked": False, **values}
        return self._page(request, "staff_why.html", visitor, await self.editor.book(), **shown)

    async def _sheet(
        self, request: Request, visitor: Visitor, book: StaffBook, sheet: Sheet, *, status: int = 200, **values: Any
    ) -> Response:
        lacks = False
        if sheet.kind is StaffKind.AGENT and sheet.key and not sheet.said.get("identity"):
            lacks = await self.accounts.lacks_one(AgentId(sheet.key))
        shown = {"sheet": sheet, "place": sheet.place, "lacks_account": lacks, "typed_key": "", **values}
        template = f"staff_{sheet.kind.value}.html"
        return self._page(request, template, visitor, book, status=status, **shown)

    def _page(
        self, request: Request, template: str, visitor: Visitor, book: StaffBook, *, status: int = 200, **values: Any
    ) -> Response:
        common = {
            "here": HERE,
            "staff": book.now,
            "departments": self.town.departments,
            "procedures": self.town.procedures,
            "options": self._options(book),
            "day": paris_date(self.gate.clock()),
            "done": request.query_params.get("fait", ""),
            "refused": request.query_params.get("refus", ""),
        }
        return self.gate.page(request, template, visitor=visitor, status=status, **common, **values)

    def _options(self, book: StaffBook) -> dict[str, list[tuple[str, str]]]:
        """Return what forms offer, each with its words."""
        return {
            "profiles": [(key, each.label) for key, each in book.now.profiles.items()],
            "units": [(key, each.label) for key, each in book.now.units.items()],
            "departments": [(key, each.name) for key, each in self.town.departments.items()],
            "procedures": [(key, each.label) for key, each in self.town.procedures.items()],
        }

    async def _administrator(self, request: Request) -> Visitor:
        return _who_administers(await self.gate.visitor(request))

    async def _form(self, request: Request) -> tuple[Visitor, Typed]:
        visitor, fields = await self.gate.visitor_and_fields(request)
        return _who_administers(visitor), Typed(fields)


def _who_administers(visitor: Visitor) -> Visitor:
    if not visitor.administers:
        raise NotFoundError
    return visitor


def _kind(place: str) -> StaffKind:
    if place not in KINDS:
        raise NotFoundError
    return KINDS[place]


def _sheet(
    book: StaffBook, place: str, kind: StaffKind, key: str, value: StaffValue, faults: tuple[Fault, ...] = ()
) -> Sheet:
    version, in_files = book.version(kind, key), book.in_files(kind, key)
    return Sheet(place, kind, key, said_of(value), version, in_files, faults)


def _new_key(kind: StaffKind, typed: Typed) -> str:
    """An agent's id is a pseudonym that nobody chooses."""
    return f"agent-{secrets.token_hex(4)}" if kind is StaffKind.AGENT else typed.one("key")


def _things(book: StaffBook, kind: StaffKind) -> dict[str, StaffValue]:
    match kind:
        case StaffKind.AGENT:
            everybody = sorted((*book.now.agents, *book.now.nowhere), key=_by_name)
            return {each.agent_id: each for each in everybody}
        case StaffKind.PROFILE:
            return dict[str, StaffValue](book.now.profiles.items())
        case StaffKind.UNIT:
            return dict[str, StaffValue](book.now.units.items())
        case StaffKind.MAPPING:
            return {mapping_key(each): each for each in book.now.mappings}


def _by_name(agent: Agent) -> str:
    return agent.name.casefold()


def staff_routes(pages: StaffPages) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()
    routes.add_api_route(HERE, pages.home)
    routes.add_api_route(f"{HERE}/pourquoi", pages.why)
    routes.add_api_route(f"{HERE}/pourquoi", pages.explain, methods=["POST"])
    routes.add_api_route(f"{HERE}/agents/{{key}}/compte", pages.account, methods=["POST"])
    routes.add_api_route(f"{HERE}/{{place}}", pages.listed)
    routes.add_api_route(f"{HERE}/{{place}}/{{key}}", pages.sheet)
    routes.add_api_route(f"{HERE}/{{place}}/{{key}}", pages.save, methods=["POST"])
    routes.add_api_route(f"{HERE}/{{place}}/{{key}}/retrait", pages.take, methods=["POST"])
    routes.add_api_route(f"{HERE}/{{place}}/{{key}}/retour", pages.give_back, methods=["POST"])
    return routes
