"""By which case one sees that a search file lacks what came last. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from guichet.contracts.case_events import CaseDestroyed, CaseEvent, CaseOpened, CaseRerouted
from guichet.ids import CaseId, SectorId

BEHIND_AFTER: Final = timedelta(seconds=15)  # a new message is in its file within two


def newest_to_be_there(events: Iterable[CaseEvent], sector: SectorId, now: datetime) -> CaseId | None:
    """Return the newest case that was opened in a sector long enough ago, and is there still; None: there is none.

    events: of this moment, the oldest first.
    """
    found = list[CaseId]()
    for event in events:
        match event:
            case CaseOpened() if event.sector == sector and now - event.occurred_at > BEHIND_AFTER:
                found.append(event.case_id)
            case CaseRerouted() | CaseDestroyed():
                found = [each for each in found if each != event.case_id]
            case _:
                pass
    return found[-1] if found else None
