"""The pages of a question: its form, and what is said where it takes no answer. What was typed is never lost."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from citizen_portal.domain.contact_form import FILE_BYTES
from citizen_portal.domain.form_mark import is_valid, new_mark
from citizen_portal.domain.question_form import (
    MOST_ANSWER_FILES,
    WORD,
    QuestionForm,
    name_of,
    read_question_form,
    typed_words,
)
from citizen_portal.entry.pages import Portal
from citizen_portal.entry.read_form import QUESTION_LIMITS, UnreadableFormError, read_form
from citizen_portal.handlers.answer_question import AskedQuestion, Questions
from guichet.contracts.inbound import ChannelName
from guichet.errors import TransientError
from guichet.runtime.telemetry.probing_alarm import Refusal
from guichet.store.follow_views.question_page import QuestionState
from guichet.web.forms import address_of

log = structlog.get_logger()
_STATUSES: Final = {QuestionState.ANSWERED: 409, QuestionState.REPLACED: 409, QuestionState.CLOSED: 410}
TAKEN: Final = "/reponse-enregistree"


@dataclass(frozen=True)
class QuestionPages:
    """Shows a question to whoever holds its link, and takes one answer."""

    portal: Portal
    questions: Questions

    async def show(self, request: Request, token: str) -> Response:
        """Show the form, or why there is none."""
        asked = await self.questions.open(token)
        if (refused := await self._refused(request, asked)) is not None or asked is None or asked.page is None:
            return refused or self.portal.page(request, "not_found.html", 404)
        if (state := self._state(asked)) is not QuestionState.OPEN:
            return self._over(request, state, status=200 if state is not QuestionState.CLOSED else 410)
        return self._form(request, token, asked, QuestionForm(asked.page.fields))

    async def answer(self, request: Request, token: str) -> Response:
        """Take an answer: thanked only after the broker has confirmed; otherwise what was typed comes back."""
        try:
            fields, files = await read_form(request, QUESTION_LIMITS)
        except UnreadableFormError as exc:
            here = f"/question/{quote(token)}"
            return self.portal.page(request, "unreadable.html", exc.status, code=exc.status, here=here)
        portal, channel, said = self.portal, self.portal.form_channel, typed_words(fields)
        try:
            asked = await self.questions.open(token)
            refused = await self._refused(request, asked, said, had_files=bool(files))
        except TransientError as exc:
            log.warning("question not opened for now", error=str(exc))
            return self._kept(request, "away", said, 503, had_files=bool(files))
        if refused is not None or channel is None or asked is None or asked.page is None:
            return refused or portal.page(request, "not_found.html", 404)
        form, mark = read_question_form(asked.page.fields, fields, files), fields.get("mark", "")
        if asked.page.state is not QuestionState.OPEN:
            is_known = asked.page.state is QuestionState.ANSWERED and self.questions.has(asked, form, channel)
            return RedirectResponse(TAKEN, 303) if is_known else self._over(request, asked.page.state, form)
        return await self._take(request, token, asked, form, mark, channel)

    async def _take(
        self, request: Request, token: str, asked: AskedQuestion, form: QuestionForm, mark: str, channel: ChannelName
    ) -> Response:
        portal, now, address = self.portal, self.portal.clock(), address_of(request)
        if not is_valid(portal.key, mark, now):
            portal.probing.note(Refusal.FORM)
            return self._form(request, token, asked, form, 409, "stale")
        if form.errors:
            return self._form(request, token, asked, form, 422)
        if portal.throttle.pause(address, now) is not None:
            return self._form(request, token, asked, form, 429, "too-many")
        portal.throttle.count(address, now)
        try:
            is_taken = await self.questions.accept(asked, form, channel)
        except TransientError as exc:
            log.warning("answer not accepted for now", error=str(exc))
            return self._form(request, token, asked, form, 503, "away")
        return RedirectResponse(TAKEN, 303) if is_taken else self._over(request, QuestionState.ANSWERED, form)

    async def _refused(
        self, request: Request, asked: AskedQuestion | None, said: str = "", *, had_files: bool = False
    ) -> Response | None:
        """Note that a link was opened; return what is said where it leads nowhere, or was opened too often.

        said: what was typed into a form that was open before: it comes back.
        """
        if asked is None:
            await self.portal.follow_audit.note_lost(address_of(request))
            if said:
                return self._kept(request, QuestionState.CLOSED, said, 404, had_files=had_files)
            return self.portal.page(request, "not_found.html", 404)
        is_shown = asked.page is not None
        if not await self.portal.follow_audit.note_opening(asked.case_id, asked.link.lookup, shows=is_shown):
            if said:
                return self._kept(request, "too-often", said, 429, had_files=had_files)
            return self.portal.page(request, "too_often.html", 429)
        return None if is_shown else self._kept(request, QuestionState.CLOSED, said, 410, had_files=had_files)

    def _state(self, asked: AskedQuestion) -> QuestionState:
        assert asked.page is not None  # there is a form, or was
        is_new = asked.page.state is QuestionState.OPEN and self.questions.is_taken(asked)
        return QuestionState.ANSWERED if is_new else asked.page.state

    def _form(
        self,
        request: Request,
        token: str,
        asked: AskedQuestion,
        form: QuestionForm,
        status: int = 200,
        problem: str | None = None,
    ) -> Response:
        portal = self.portal
        assert asked.page is not None  # there is a form
        return portal.page(
            request,
            "question.html",
            status,
            page=asked.page,
            form=form,
            here=f"/question/{token}",
            mark=new_mark(portal.key, portal.clock()),
            department=portal.town.department_or_fallback(asked.page.department),
            errors=form.errors if status == 422 else {},
            problem=problem,
            name_of=name_of,
            word=WORD,
            most_files=MOST_ANSWER_FILES,
            file_mib=FILE_BYTES // 1024 // 1024,
        )

    def _over(
        self, request: Request, state: QuestionState, form: QuestionForm | None = None, status: int | None = None
    ) -> Response:
        """Say that no answer is taken; give back what was typed, and another way for it."""
        said = form.text if form is not None and form.says_something else ""
        return self._kept(request, state, said, status or _STATUSES[state], had_files=bool(form and form.files))

    def _kept(self, request: Request, state: str, said: str, status: int, *, had_files: bool) -> Response:
        """Give back what was typed. state: why it is not taken: a question's, or "away" or "too-often"."""
        mark = new_mark(self.portal.key, self.portal.clock())
        values = {"state": state, "said": said, "mark": mark, "had_files": had_files}
        return self.portal.page(request, "question_over.html", status, **values)


def add_question_pages(web: FastAPI, pages: QuestionPages) -> None:
    """Add the routes of questions."""
    web.add_api_route("/question/{token}", pages.show, methods=["GET"])
    web.add_api_route("/question/{token}", pages.answer, methods=["POST"])

    @web.get(TAKEN)
    async def thanks(request: Request) -> Response:
        return pages.portal.page(request, "question_taken.html")
