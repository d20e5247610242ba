"""What a citizen's page shows of their case. Pure. Never more than they were sent, and of a sensitive sector less."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from guichet.contracts.case_events import CaseState
from guichet.follow_pages.decided_silence import shown_silence
from guichet.follow_pages.passed_on import shown_transfer
from guichet.follow_pages.steps_shown import shown_steps
from guichet.ids import DepartmentId, MessageId
from guichet.store.cases.followed import FollowedCase, GivenAnswer
from guichet.store.follow_views.document import FollowPage, GenericState, Hidden, ShownAnswer, ShownFile, ShownQuestion
from guichet.store.messages.document import MessageDocument
from guichet.town import Town

GENERIC: Final[Mapping[CaseState, GenericState]] = {
    CaseState.RECEIVED: GenericState.RECEIVED,
    CaseState.IN_PROGRESS: GenericState.IN_PROGRESS,
    CaseState.TRANSFERRED: GenericState.IN_PROGRESS,
    CaseState.WAITING_FOR_CITIZEN: GenericState.WAITING_FOR_CITIZEN,
    CaseState.CLOSED: GenericState.CLOSED,
    CaseState.ARCHIVED: GenericState.CLOSED,
    CaseState.DESTROYED: GenericState.CLOSED,
}


def page_of(
    case: FollowedCase,
    answers: Mapping[MessageId, tuple[MessageDocument, str | Hidden]],
    town: Town,
    files: Mapping[MessageId, tuple[ShownFile, ...]] = MappingProxyType({}),
    question: ShownQuestion | None = None,
) -> FollowPage:
    """Return the page. answers: those that still exist, each with its words or why there are none. files: of them.
    question: the one that takes an answer.

    What silence decided, to whom the case was passed on and by which steps it goes may have been so while a sensitive
    sector had it: the page of a case that ever was there names none of it.
    """
    was_sensitive = any(is_sensitive(each, town) for each in (case.department, *case.departments))
    return FollowPage(
        reference=case.reference,
        received_at=case.received_at,
        state=GENERIC[case.state],
        answers=tuple(
            _shown(*answers[given.message_id], files.get(given.message_id, ()), hides_answer(case, given, town))
            for given in case.answers
            if given.message_id in answers
        ),
        silence=None if was_sensitive else shown_silence(case, town),
        transferred=shown_transfer(case, town, names=not was_sensitive),
        steps=() if was_sensitive else shown_steps(case),
        question=question,
    )


def link_ends_at(case: FollowedCase, town: Town) -> datetime | None:
    """Return when the link of a closed case ends; None while it is open, also once it is open again."""
    return _ends_at(case.closed_at, case.link_renewed_at, town.follow_links_last)


def link_ended(closed_at: datetime | None, renewed_at: datetime | None, lasts: timedelta, now: datetime) -> bool:
    """Say whether the link of a case leads to its page no more."""
    ends_at = _ends_at(closed_at, renewed_at, lasts)
    return ends_at is not None and ends_at <= now


def _ends_at(closed_at: datetime | None, renewed_at: datetime | None, lasts: timedelta) -> datetime | None:
    if closed_at is None:
        return None
    return (closed_at if renewed_at is None else max(closed_at, renewed_at)) + lasts


def hides_answer(case: FollowedCase, given: GivenAnswer, town: Town) -> bool:
    """Say whether an answer's words stay off the page: a sensitive sector has the case, or had it when it answered.

    So a case that leaves the sector takes none of its words out into the open.
    """
    return is_sensitive(case.department, town) or is_sensitive(given.department, town)


def is_sensitive(department: DepartmentId, town: Town) -> bool:
    """Say whether a department belongs to a sensitive sector; of one that the town gave up nobody knows, so: yes."""
    if department not in town.departments:
        return True
    return town.sectors[town.sector_of(department)].sensitive


def _shown(message: MessageDocument, said: str | Hidden, files: tuple[ShownFile, ...], sensitive: bool) -> ShownAnswer:
    hidden = Hidden.SENSITIVE if sensitive else said if isinstance(said, Hidden) else None
    return ShownAnswer(at=message.at, text=None if hidden else said, hidden=hidden, files=() if hidden else files)
