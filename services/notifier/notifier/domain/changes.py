"""Of which changes of their case a citizen hears, when, and for how long that is worth saying. Pure.

Each change that an agent brings about: that the case is closed, open again, or another department's. What an answer
brings about, it says itself; what the citizen's own message does, they know. Docs: docs/decisions/0109.
"""

from datetime import datetime, timedelta
from typing import Final

from guichet.case.lifecycle import OPEN
from guichet.case.record import CaseRecord
from guichet.contracts.case_events import CaseClosed, CaseReopened, CaseRerouted, CaseState
from guichet.store.deliveries.document import Change, ChangeKind
from guichet.town import Town

Changed = CaseClosed | CaseReopened | CaseRerouted
KINDS: Final[dict[type[Changed], ChangeKind]] = {
    CaseClosed: ChangeKind.CLOSED,
    CaseReopened: ChangeKind.REOPENED,
    CaseRerouted: ChangeKind.REROUTED,
}
BORNE: Final = timedelta(minutes=10)
"""What is taken back meanwhile, or followed by another change, is not written about."""


def change_of(changed: Changed) -> Change | None:
    """Return what is to be said of an event; None: nothing, since who wrote knows it or an agent gave a reason."""
    if changed.unannounced is not None or (isinstance(changed, CaseClosed) and changed.on_the_spot):
        return None
    return Change(kind=KINDS[type(changed)], department=changed.department)


def said_at(changed: Changed, town: Town) -> datetime:
    """Return from when on it may be said: never in the town's quiet hours."""
    return town.quiet_hours.over_at(changed.occurred_at + BORNE, town.working_days)


def still_holds(change: Change, case: CaseRecord) -> bool:
    """Say whether the case is still as a change left it: what came since says itself how it is."""
    if change.kind is ChangeKind.CLOSED:
        return case.state not in OPEN and case.state is not CaseState.TRANSFERRED
    is_theirs = change.kind is ChangeKind.REOPENED or case.department == change.department
    return case.state in OPEN and is_theirs
