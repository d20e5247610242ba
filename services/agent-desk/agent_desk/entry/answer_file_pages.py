"""Files go with an answer: attached from the composer, with its words, and taken off again (docs/decisions/0077)."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import structlog
from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from agent_desk.domain.composer.attachments import UPLOAD_BYTES, NotAttached, SentFile, sent_file
from agent_desk.domain.decisions.form_input import FormInput, reply_input
from agent_desk.domain.errors import NotFoundError
from agent_desk.domain.visitor import Visitor
from agent_desk.entry.composer_pages import ComposerPages
from agent_desk.handlers.composer.answer_files import AnswerFiles
from agent_desk.handlers.composer.read_answer_files import AnswerFileReader
from guichet.case.record import CaseRecord
from guichet.errors import ErasedError, TransientError
from guichet.rights.case_acts import CaseAct
from guichet.store.draft import FILES_AT_MOST
from guichet.web.downloads import as_download
from guichet.web.uploads import NoUploadError, UploadError, UploadLimits, read_upload

log = structlog.get_logger()

UPLOADS_AT_ONCE: Final = 4  # each lies whole in memory until it is sealed
_LIMITS: Final = UploadLimits(size=UPLOAD_BYTES, files=FILES_AT_MOST, field_size=256 * 1024)


@dataclass(frozen=True)
class AnswerFilePages:
    """Takes files for the draft of an open page, as they are chosen, or of a form that a button sends."""

    composer: ComposerPages
    files: AnswerFiles
    reader: AnswerFileReader
    uploading: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(UPLOADS_AT_ONCE))

    async def attach(self, request: Request, reference: str) -> Response:
        """Keep what is typed, and attach the files that come with it."""
        visitor = await self.composer.gate.visitor(request)
        case = await self.composer.cases.find_whole(visitor, reference, CaseAct.ANSWER)
        async with self.uploading:
            fields, files, refused = await _read(request)
            self.composer.gate.require_form_of(request, fields)
            typed = replace(reply_input(fields), errors=(), chosen=False, not_attached=refused)
            return await self._attached(request, visitor, case, typed, files)

    async def _attached(
        self, request: Request, visitor: Visitor, case: CaseRecord, typed: FormInput, files: tuple[SentFile, ...]
    ) -> Response:
        said = await self.composer.kept(visitor, case, typed)
        if said == "kept" and files:
            try:
                typed = replace(typed, not_attached=await self.files.attach(visitor, case, typed.once, files))
            except TransientError as exc:
                log.warning("files not attached for now", case_id=case.case_id, error=str(exc))
                said = "away"
            except ErasedError as exc:
                raise NotFoundError from exc
        return await self._answer(request, visitor, case, typed, said)

    async def look(self, request: Request, reference: str, file_id: str) -> Response:
        """Return a file, for its author and who is to sign the answer, so that a browser saves it."""
        visitor = await self.composer.gate.visitor(request)
        case = await self.composer.cases.find_whole(visitor, reference, CaseAct.ANSWER)
        file = await self.reader.read(visitor, case, file_id)
        return as_download(file.name, file.content_type, file.content)

    async def remove(self, request: Request, reference: str, file_id: str) -> Response:
        """Keep what is typed, and take a file off."""
        visitor, form = await self.composer.gate.visitor_and_form(request, keeps="text")
        case = await self.composer.cases.find_whole(visitor, reference, CaseAct.ANSWER)
        typed = replace(reply_input(form), errors=(), chosen=False)
        said = await self.composer.kept(visitor, case, typed)
        if said == "kept":
            await self.files.remove(visitor, case, typed.once, file_id)
        return await self._answer(request, visitor, case, typed, said, is_removed=True)

    async def _answer(
        self,
        request: Request,
        visitor: Visitor,
        case: CaseRecord,
        typed: FormInput,
        said: str,
        *,
        is_removed: bool = False,
    ) -> Response:
        """Return what goes with the answer by now: the part of an open page, or the page."""
        if request.headers.get("HX-Request"):
            files = await self.files.shown(visitor, case) if said != "away" else ()
            here = f"/demandes/{case.reference}"
            shown: dict[str, Any] = {
                "files": files,
                "typed": typed,
                "said": said,
                "is_part": True,
                "is_removed": is_removed,
            }
            return self.composer.gate.page(request, "composer_files.html", visitor=visitor, here=here, **shown)
        if said == "kept" and not typed.not_attached:
            return RedirectResponse(f"/demandes/{case.reference}#pieces-jointes", 303)
        problem, status = {"kept": (None, 422), "away": ("away", 503)}.get(said, ("another-draft", 409))
        return await self.composer.pages.case_again(request, visitor, case, replace(typed, problem=problem), status)


async def _read(request: Request) -> tuple[dict[str, str], tuple[SentFile, ...], tuple[NotAttached, ...]]:
    """Return what a form says, also of one with more than is taken. Raises HTTPException (415) for no such form."""
    try:
        form = await read_upload(request, _LIMITS)
    except NoUploadError as exc:
        raise HTTPException(415, "This form sends files.") from exc
    except UploadError as exc:
        return _with_one_line_end(exc.fields), (), (NotAttached("", "too-much"),)
    files = (sent_file(each.name, each.content, number) for number, each in enumerate(form.files, start=1))
    return _with_one_line_end(form.fields), tuple(files), ()


def _with_one_line_end(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: value.replace("\r\n", "\n") for name, value in fields.items()}


def answer_file_routes(pages: AnswerFilePages) -> APIRouter:
    """Return the routes of an answer's files."""
    routes = APIRouter()
    here = "/demandes/{reference}/pieces-jointes"
    routes.add_api_route(here, pages.attach, methods=["POST"])
    routes.add_api_route(here + "/{file_id}", pages.look)
    routes.add_api_route(here + "/{file_id}/retrait", pages.remove, methods=["POST"])
    return routes
