"""Letters by the stack: scans are uploaded, then each letter is completed by keyboard, its pages beside the form."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import urlencode

import segno
import structlog
from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from agent_desk.domain.decisions.decision import new_once
from agent_desk.domain.entered.taken_down import TakenDown, half_typed, taken_down
from agent_desk.domain.errors import NotFoundError
from agent_desk.domain.letters.batch_form import BatchForm, batch_form
from agent_desk.domain.letters.scanned import MOST_BYTES, MOST_FILES, MOST_PAGES, UnreadableScanError
from agent_desk.domain.letters.suggested import suggested_by
from agent_desk.domain.visitor import Visitor
from agent_desk.entry.file_pages import nth_of
from agent_desk.entry.people_part import NOBODY, PeoplePart, PeopleShown
from agent_desk.entry.session_gate import SessionGate
from agent_desk.handlers.letters.file_letter import CompletedError, FileLetter
from agent_desk.handlers.letters.letter_box import LetterBox, OpenedLetter, departments_of
from guichet.errors import ErasedError, TransientError, UnopenableError
from guichet.law.calendar import paris_date
from guichet.store.letters import ALARMED_AFTER, REMINDED_AFTER, WAITING_AT_MOST, Letter
from guichet.town.town import Town
from guichet.web.uploads import NoUploadError, Uploaded, UploadError, UploadLimits, read_upload

log = structlog.get_logger()
HERE: Final = "/saisie/courriers"
PROCEDURE: Final = "demarche"  # of the letter that was just filed
UPLOADS_AT_ONCE: Final = 3


@dataclass(frozen=True)
class LetterPages:
    """Shows and takes letters, to who takes them down for a department; to everybody else there is no such page."""

    gate: SessionGate
    box: LetterBox
    filing: FileLetter
    people: PeoplePart
    town: Town
    uploading: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(UPLOADS_AT_ONCE))

    async def list(self, request: Request, fini: str = "") -> Response:
        """Return the stacks of which letters wait, and the form for another one. fini: a stack that is done."""
        visitor = _who_takes_letters(await self.gate.visitor(request))
        return await self._list(request, visitor, done=bool(fini))

    async def add(self, request: Request) -> Response:
        """Take a stack of scans in, and lead to its first letter."""
        visitor = _who_takes_letters(await self.gate.visitor(request))
        if self.uploading.locked():  # each lies whole in memory until it is read
            return await self._list(request, visitor, problem="away", status=503)
        async with self.uploading:
            return await self._add(request, visitor)

    async def _add(self, request: Request, visitor: Visitor) -> Response:
        try:
            uploaded = await read_upload(request, UploadLimits(size=MOST_BYTES, files=MOST_FILES, fields=8))
        except NoUploadError as exc:
            raise HTTPException(415, "This form sends files.") from exc
        except UploadError:
            return await self._list(request, visitor, problem="too-much", status=413)
        self.gate.require_form_of(request, uploaded.fields)
        typed = batch_form(uploaded.fields, departments_of(visitor), paris_date(self.box.clock()))
        if not any(each.content for each in uploaded.files):
            typed = replace(typed, errors={**typed.errors, "scans": "missing"})
        if typed.errors:
            return await self._list(request, visitor, typed=typed, status=422)
        return await self._added(request, visitor, typed, uploaded)

    async def _added(self, request: Request, visitor: Visitor, typed: BatchForm, uploaded: Uploaded) -> Response:
        try:
            scans = tuple(each.content for each in uploaded.files if each.content)
            batch = await self.box.add(visitor, typed, scans)
        except UnreadableScanError as exc:
            return await self._list(request, visitor, typed=typed, problem=exc.why, status=422)
        except TransientError as exc:
            log.warning("stack of letters not taken for now", error=str(exc))
            return await self._list(request, visitor, typed=typed, problem="away", status=503)
        return RedirectResponse(f"{HERE}/{batch}", 303)

    async def sheets(self, request: Request) -> Response:
        """Return a separator sheet, to be printed as often as there are letters."""
        visitor = _who_takes_letters(await self.gate.visitor(request))
        code = segno.make(self.box.mark, error="h", micro=False).svg_inline(scale=1, omitsize=True, border=4)
        return self.gate.page(request, "letter_sheets.html", visitor=visitor, here=HERE, code=code)

    async def first(self, request: Request, batch: str) -> Response:
        """Lead to the first letter of a stack that waits."""
        visitor = _who_takes_letters(await self.gate.visitor(request))
        return RedirectResponse(_onward(await self.box.of_batch(visitor, batch), after=0), 303)

    async def letter(self, request: Request, batch: str, number: str, demarche: str = "") -> Response:
        """Return a letter's form, with what its text suggests; the next one is read meanwhile.

        demarche: the procedure of the letter before it, which is proposed again: stacks come sorted.
        """
        visitor = _who_takes_letters(await self.gate.visitor(request))
        others = await self.box.of_batch(visitor, batch)
        try:
            opened = await self.box.open(visitor, batch, nth_of(number))
        except NotFoundError:  # filed meanwhile, by a double click or a colleague
            return RedirectResponse(_onward(others, after=nth_of(number)), 303)
        if (following := _next(others, opened.letter.number)) is not None:
            await self.box.read_ahead(visitor, batch, following)
        typed = replace(self._proposed(opened), procedure=demarche if demarche in self.town.procedures else "")
        return self._letter(request, visitor, opened, others, typed)

    async def take(self, request: Request, batch: str, number: str) -> Response:
        """File a letter as it was typed, and lead to the next one."""
        visitor, form = await self.gate.visitor_and_form(request, keeps="text")
        _who_takes_letters(visitor)
        others, nth = await self.box.of_batch(visitor, batch), nth_of(number)
        typed = self._typed(form)
        if typed.errors:
            return await self._back(request, visitor, others, nth, typed, 422)
        try:
            await self.filing.file(visitor, batch, nth, typed)
        except CompletedError as exc:
            problem = f"completed:{exc.by}"
            return await self._back(request, visitor, others, nth, replace(typed, problem=problem), 409)
        except TransientError as exc:
            log.warning("letter not taken for now", error=str(exc))
            return await self._back(request, visitor, others, nth, replace(typed, problem="away"), 503)
        onward = _onward(await self.box.of_batch(visitor, batch), after=nth)
        same = f"?{urlencode({PROCEDURE: typed.chosen})}" if typed.chosen and "?" not in onward else ""
        return RedirectResponse(f"{onward}{same}", 303)

    async def look(self, request: Request, batch: str, number: str) -> Response:
        """Return who may have written a letter, by what is typed so far, or its form with whom the agent chose."""
        visitor, form = await self.gate.visitor_and_form(request, keeps="text")
        _who_takes_letters(visitor)
        others = await self.box.of_batch(visitor, batch)
        typed, people = await self.people.of(visitor, form, half_typed(form))
        if request.headers.get("HX-Request"):
            return self.people.part(request, visitor, typed, people, f"{HERE}/{batch}/{nth_of(number)}")
        opened = await self.box.open(visitor, batch, nth_of(number), filed=True)
        return self._letter(request, visitor, opened, others, typed, people=people)

    async def set_aside(self, request: Request, batch: str, number: str) -> Response:
        """Remove a scan that is no letter, and lead to the next one."""
        visitor, _ = await self.gate.visitor_and_form(request)
        _who_takes_letters(visitor)
        others, nth = await self.box.of_batch(visitor, batch), nth_of(number)
        await self.box.set_aside(visitor, batch, nth)
        return RedirectResponse(_onward([each for each in others if each.number != nth], after=nth), 303)

    async def picture(self, request: Request, batch: str, number: str, page: str) -> Response:
        """Return a page's picture."""
        visitor = _who_takes_letters(await self.gate.visitor(request))
        try:
            jpeg = await self.box.picture(visitor, batch, nth_of(number), nth_of(page))
        except (ErasedError, UnopenableError) as exc:
            raise NotFoundError from exc
        return Response(jpeg, media_type="image/jpeg")

    def _typed(self, form: Mapping[str, str]) -> TakenDown:
        today = paris_date(self.box.clock())
        typed = taken_down(
            {**form, "way": self.filing.channel, "act": ""}, (self.filing.channel,), self.town.procedures.keys(), today
        )
        return replace(typed, errors={**typed.errors, "received": "missing"}) if not typed.received.strip() else typed

    async def _back(
        self, request: Request, visitor: Visitor, others: Sequence[Letter], number: int, typed: TakenDown, status: int
    ) -> Response:
        """Return the form with its words and what is wrong."""
        opened = await self.box.open(visitor, others[0].batch, number, filed=True)
        return self._letter(request, visitor, opened, others, typed, status)

    def _letter(
        self,
        request: Request,
        visitor: Visitor,
        opened: OpenedLetter,
        others: Sequence[Letter],
        typed: TakenDown,
        status: int = 200,
        people: PeopleShown = NOBODY,
    ) -> Response:
        return self.gate.page(
            request,
            "letter.html",
            visitor=visitor,
            status=status,
            here=HERE,
            opened=opened,
            others=others,
            following=_next(others, opened.letter.number),
            typed=typed,
            people=people,
            looked_for_at=f"{HERE}/{opened.letter.batch}/{opened.letter.number}/personnes",
            procedures=self.town.procedures,
            departments=self.town.departments,
            today=paris_date(self.box.clock()),
        )

    def _proposed(self, opened: OpenedLetter) -> TakenDown:
        suggested, sheet = suggested_by(opened.text), opened.sheet
        return TakenDown(
            new_once(),
            way=self.filing.channel,
            name=suggested.name,
            address=suggested.address,
            received=opened.letter.stamp,
            kept_at=sheet.kept_at or "",
            subject=suggested.subject,
            text=opened.text,
        )

    async def _list(self, request: Request, visitor: Visitor, *, status: int = 200, **shown: Any) -> Response:
        departments = {each: self.town.departments[each] for each in sorted(departments_of(visitor))}
        today = paris_date(self.box.clock())
        about = {"typed": BatchForm(stamp=today.isoformat()), "problem": None, "done": False, **shown}
        return self.gate.page(
            request,
            "letters.html",
            visitor=visitor,
            status=status,
            here=HERE,
            batches=await self.box.waiting(visitor),
            departments=departments,
            today=today,
            most_mib=MOST_BYTES // 1024**2,
            most_pages=MOST_PAGES,
            most_waiting=WAITING_AT_MOST,
            reminded_after=REMINDED_AFTER.days,
            alarmed_after=ALARMED_AFTER.days,
            **about,
        )


def _next(letters: Sequence[Letter], after: int) -> int | None:
    """Return the number of the letter that waits next, the first again past the last; None where no other one does."""
    waiting = [each.number for each in letters if each.filing is None and each.number != after]
    return next((each for each in waiting if each > after), waiting[0] if waiting else None)


def _onward(letters: Sequence[Letter], after: int) -> str:
    following = _next(letters, after)
    if following is None and any(each.number == after and each.filing is None for each in letters):
        following = after
    return f"{HERE}?fini=1" if following is None else f"{HERE}/{letters[0].batch}/{following}"


def _who_takes_letters(visitor: Visitor) -> Visitor:
    if not departments_of(visitor):
        raise NotFoundError
    return visitor


def letter_routes(pages: LetterPages) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()
    routes.add_api_route(HERE, pages.list)
    routes.add_api_route(HERE, pages.add, methods=["POST"])
    routes.add_api_route(f"{HERE}/intercalaires", pages.sheets)
    routes.add_api_route(f"{HERE}/{{batch}}", pages.first)
    routes.add_api_route(f"{HERE}/{{batch}}/{{number}}", pages.letter)
    routes.add_api_route(f"{HERE}/{{batch}}/{{number}}", pages.take, methods=["POST"])
    routes.add_api_route(f"{HERE}/{{batch}}/{{number}}/personnes", pages.look, methods=["POST"])
    routes.add_api_route(f"{HERE}/{{batch}}/{{number}}/ecart", pages.set_aside, methods=["POST"])
    routes.add_api_route(f"{HERE}/{{batch}}/{{number}}/pages/{{page}}", pages.picture)
    return routes
