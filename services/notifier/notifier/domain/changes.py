"""Of which changes of their case a citizen hears, when, and for how long that is worth saying. Pure.

Each change that an agent brings about: that the case is closed, open again, or another department's. What an answer
brings about, it says itself; what the citizen's own message does, they know. Docs: docs/decisions/0109.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from guichet.case.lifecycle import OPEN
from guichet.case.record import CaseRecord
from guichet.contracts.case_events import CaseClosed, CaseReopened, CaseRerouted, CaseState
from guichet.contracts.delivery import DeliveryState
from guichet.store.deliveries.document import Change, ChangeKind, DeliveryDocument
from guichet.town import Town

Changed = CaseClosed | CaseReopened | CaseRerouted
KINDS: Final[dict[type[Changed], ChangeKind]] = {
    CaseClosed: ChangeKind.CLOSED,
    CaseReopened: ChangeKind.REOPENED,
    CaseRerouted: ChangeKind.REROUTED,
}
BORNE: Final = timedelta(minutes=10)
"""What is taken back meanwhile, or followed by another change, is not written about."""
WORTH_SAYING: Final = timedelta(days=7)
"""Older, it is no news: who has a topic read again from its beginning writes to nobody about what was a month ago."""
OUTDATED: Final = "outdated"


def change_of(changed: Changed) -> Change | None:
    """Return what is to be said of an event; None: nothing, since who wrote knows it or an agent gave a reason."""
    if changed.unannounced is not None or (isinstance(changed, CaseClosed) and changed.on_the_spot):
        return None
    before = changed.from_department if isinstance(changed, CaseRerouted) else None
    return Change(kind=KINDS[type(changed)], department=changed.department, before=before, version=changed.version)


def said_at(changed: Changed, town: Town) -> datetime:
    """Return from when on it may be said: never in the town's quiet hours."""
    return town.quiet_hours.over_at(changed.occurred_at + BORNE, town.working_days)


def quiet_for(now: datetime, town: Town) -> timedelta:
    """Return how long it still is quiet: what could not leave at its moment does not leave at night."""
    return town.quiet_hours.over_at(now, town.working_days) - now


def is_no_news(changed: Changed, change: Change, letters: Sequence[DeliveryDocument], now: datetime) -> bool:
    """Say whether a change is old, or brings the case back to what its citizen knows, or is about to read.

    letters: of the case, the oldest first. Of what is not due yet nobody has heard: a closing that is undone never is.
    """
    if now - changed.occurred_at > WORTH_SAYING:
        return True
    if change.kind is ChangeKind.CLOSED:  # they may have written since; and until when it may be opened again is new
        return False
    if change.kind is ChangeKind.REOPENED:
        closings = [each for each in letters if each.closes or _is_of(each, ChangeKind.CLOSED)]
        return bool(closings) and _is_ahead(closings[-1], now)
    ahead = [
        each.change
        for each in letters
        if each.change is not None and _is_of(each, change.kind) and _is_ahead(each, now)
    ]
    return bool(ahead) and change.department in (ahead[0].before, *(each.department for each in ahead))


def still_holds(change: Change, case: CaseRecord) -> bool:
    """Say whether the case is still as a change left it: what came since says itself how it is."""
    if change.kind is ChangeKind.REROUTED:
        return case.state in OPEN and case.department == change.department
    if case.closing_version > change.version:
        return False
    if change.kind is ChangeKind.REOPENED:
        return case.state in OPEN
    return case.state not in OPEN and case.state is not CaseState.TRANSFERRED


def _is_of(letter: DeliveryDocument, kind: ChangeKind) -> bool:
    return letter.change is not None and letter.change.kind is kind


def _is_ahead(letter: DeliveryDocument, now: datetime) -> bool:
    """Say whether a letter about a change waits for its moment, so that nobody has written it."""
    is_waiting = letter.state is DeliveryState.PENDING and letter.attempts == 0
    return letter.change is not None and is_waiting and letter.due_at > now
