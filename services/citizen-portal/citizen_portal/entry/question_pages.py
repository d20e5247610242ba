"""The pages of a question: its form, and what is said where it takes no answer. What was typed is never lost."""

from dataclasses import dataclass
from typing import Final

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from citizen_portal.domain.contact_form import FILE_BYTES
from citizen_portal.domain.form_mark import is_valid, new_mark
from citizen_portal.domain.question_form import MOST_ANSWER_FILES, WORD, QuestionForm, name_of, read_question_form
from citizen_portal.entry.pages import Portal
from citizen_portal.entry.read_form import QUESTION_LIMITS, UnreadableFormError, read_form
from citizen_portal.handlers.answer_question import AskedQuestion, Questions
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
            return self.portal.page(request, "unreadable.html", exc.status, code=exc.status)
        asked, portal = await self.questions.open(token), self.portal
        channel, refused = portal.form_channel, await self._refused(request, asked)
        if refused is not None or channel is None or asked is None or asked.page is None:
            return refused or portal.page(request, "not_found.html", 404)
        form = read_question_form(asked.page.fields, fields, files)
        if asked.page.state is not QuestionState.OPEN:
            return self._over(request, asked.page.state, form)
        now, address = portal.clock(), address_of(request)
        if not is_valid(portal.key, fields.get("mark", ""), now):
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

    async def _refused(self, request: Request, asked: AskedQuestion | None) -> Response | None:
        """Note that a link was opened; return what is said where it leads nowhere, or was opened too often."""
        if asked is None:
            await self.portal.follow_audit.note_lost(address_of(request))
            return self.portal.page(request, "not_found.html", 404)
        if not await self.portal.follow_audit.note_opening(asked.case_id, shows=asked.page is not None):
            return self.portal.page(request, "too_often.html", 429)
        return None if asked.page is not None else self._over(request, QuestionState.CLOSED)

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
        return self.portal.page(
            request,
            "question_over.html",
            status or _STATUSES[state],
            state=state,
            said=form.text if form is not None and form.says_something else "",
            mark=new_mark(self.portal.key, self.portal.clock()),
            had_files=bool(form and form.files),
        )


def add_question_pages(web: FastAPI, pages: QuestionPages) -> None:
    """Add the routes of questions."""
    web.add_api_route("/question/{token}", pages.show, methods=["GET"])
    web.add_api_route("/question/{token}", pages.answer, methods=["POST"])

    @web.get(TAKEN)
    async def thanks(request: Request) -> Response:
        return pages.portal.page(request, "question_taken.html")
