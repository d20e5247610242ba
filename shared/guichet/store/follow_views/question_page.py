"""The form behind the link of a question, as it rests among the views (docs/decisions/0108)."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from guichet.contracts.questions import Asked
from guichet.ids import CaseId, DepartmentId, MessageId, Reference
from guichet.privacy.follow_link import QuestionLink
from guichet.store.follow_views.document import FollowView


class QuestionState(StrEnum):
    """Whether an answer is taken."""

    OPEN = "open"
    ANSWERED = "answered"
    REPLACED = "replaced"  # a newer letter asks
    CLOSED = "closed"  # its case is


class QuestionPage(Asked):
    """What the form asks, who asks it, and nothing else of the case. question: the letter's id."""

    question: MessageId
    reference: Reference
    department: DepartmentId
    state: QuestionState = Field(default=QuestionState.OPEN)


def seal_question(
    link: QuestionLink, page: QuestionPage, *, case_id: CaseId, version: int, expires_at: datetime | None
) -> FollowView:
    """Return a form as the store keeps it. version: of its case. expires_at: as the link of its case ends."""
    return FollowView(
        _id=link.lookup,
        case_id=case_id,
        version=version,
        expires_at=expires_at,
        answers=(page.question,),
        is_question=True,
        box=link.seal(page.model_dump_json().encode(), case_id, str(version)),
    )


def open_question(link: QuestionLink, view: FollowView) -> QuestionPage | None:
    """Return what the form asks; None once nothing is left of it. Raises TamperedError."""
    if view.box is None:
        return None
    return QuestionPage.model_validate_json(link.open(view.box, view.case_id, str(view.version)))
