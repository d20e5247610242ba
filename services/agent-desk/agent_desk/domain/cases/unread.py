"""Whether an agent has read what a citizen wrote. Pure.

What a colleague has dealt with is unread for nobody: a list of what is left to read is one of what is left to do.
"""

from collections.abc import Sequence
from datetime import datetime

from agent_desk.domain.cases.moments import CitizenWrote, Moment
from guichet.case.record import CaseRecord
from guichet.contracts.case_events import CaseState
from guichet.contracts.inbound import FROM_PEOPLE
from guichet.ids import MessageId
from guichet.store.read_marks import KEPT, ReadMark


def is_unread(case: CaseRecord, mark: ReadMark | None, now: datetime) -> bool:
    """Say whether a case holds a message that an agent has not read, or they marked it so. mark: theirs, if any."""
    if mark is not None and mark.seen is None:
        return True
    if not _waits(case) or now - (case.last_spoken_at or case.received_at) >= KEPT:
        return False
    return mark is None or mark.seen != case.last_inbound


def _waits(case: CaseRecord) -> bool:
    """Say whether nobody has acted since the citizen wrote."""
    return case.has_news or case.state is CaseState.RECEIVED


def first_unread(story: Sequence[Moment], seen: MessageId | None) -> MessageId | None:
    """Return the first message of the citizen's behind the one that was seen; None where that is not on the page.

    Of a case that its reader opens for the first time, all is new, and nothing is said to be.
    """
    theirs = [moment for moment in story if isinstance(moment, CitizenWrote) and moment.automatic in FROM_PEOPLE]
    read = next((place for place, each in enumerate(theirs) if seen in {each.message_id, *each.joined}), None)
    if read is None or read + 1 == len(theirs):
        return None
    return theirs[read + 1].message_id
