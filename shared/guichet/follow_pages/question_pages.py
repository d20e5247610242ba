"""The forms of a case's questions, and which of them takes an answer. Pure."""

from collections.abc import Mapping

from guichet.case.lifecycle import OVER
from guichet.contracts.case_events import CaseState
from guichet.contracts.questions import Question
from guichet.follow_pages.page_content import link_ends_at
from guichet.ids import MessageId
from guichet.privacy.follow_link import QuestionLink
from guichet.store.cases.followed import FollowedCase
from guichet.store.follow_views.document import FollowView, ShownQuestion
from guichet.store.follow_views.question_page import QuestionPage, QuestionState, seal_question
from guichet.town import Town


def question_views(case: FollowedCase, asked: Mapping[MessageId, Question], town: Town) -> list[FollowView]:
    """Return a view for each. asked: by letter, of the case's answers that may be shown, the oldest first."""
    newest = next(reversed([*asked]), None)
    return [
        seal_question(
            QuestionLink(question.secret),
            QuestionPage(
                question=letter,
                reference=case.reference,
                department=case.department,
                fields=question.fields,
                until=question.until,
                state=_state(case, letter, is_newest=letter == newest),
            ),
            case_id=case.case_id,
            version=case.version,
            expires_at=link_ends_at(case, town),
        )
        for letter, question in asked.items()
    ]


def shown_question(case: FollowedCase, asked: Mapping[MessageId, Question]) -> ShownQuestion | None:
    """Return the one that takes an answer, for the page of the case to lead to; None: none does. asked: as above."""
    for letter in [*asked][-1:]:
        if _state(case, letter, is_newest=True) is QuestionState.OPEN:
            return ShownQuestion(until=asked[letter].until, secret=asked[letter].secret)
    return None


def _state(case: FollowedCase, letter: MessageId, *, is_newest: bool) -> QuestionState:
    if letter in case.answered_questions:
        return QuestionState.ANSWERED
    if case.state is CaseState.CLOSED or case.state in OVER:
        return QuestionState.CLOSED
    return QuestionState.OPEN if is_newest else QuestionState.REPLACED
