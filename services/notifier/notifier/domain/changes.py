"""Of which changes of their case a citizen hears, when, and for how long that is worth saying. Pure.

Each change that an agent brings about: that the case is closed, open again, or another department's; and that a step
of its workflow began, where the town has words for it. What an answer brings about, it says itself; what the citizen's
own message does, they know. Docs: docs/decisions/0109, 0110.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from guichet.case.lifecycle import OPEN
from guichet.case.record import CaseRecord
from guichet.case.workflow import is_worth_saying
from guichet.contracts.case_events import (
    CaseClosed,
    CaseReopened,
    CaseRerouted,
    CaseState,
    StepReached,
    WorkflowBegun,
)
from guichet.contracts.delivery import DeliveryState
from guichet.contracts.workflow import StepNotice
from guichet.store.deliveries.document import Change, ChangeKind, DeliveryDocument
from guichet.town import Town

Changed = CaseClosed | CaseReopened | CaseRerouted
KINDS: Final[dict[type[Changed], ChangeKind]] = {
    CaseClosed: ChangeKind.CLOSED,
    CaseReopened: ChangeKind.REOPENED,
    CaseRerouted: ChangeKind.REROUTED,
}
AtStep = WorkflowBegun | StepReached
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


def step_change(begun: AtStep, case: CaseRecord, now: datetime) -> Change | None:
    """Return what is to be said of a step that began; None: the town has no words for it, or it is no news."""
    is_old = now - begun.occurred_at > WORTH_SAYING
    if is_old or case.workflow is None or notice_of(begun.step, case) is None:
        return None
    own = {"step": begun.step, "workflow": case.workflow.frozen.version}
    return Change(kind=ChangeKind.STEP, department=begun.department, version=begun.version, **own)


def is_said(change: Change, letters: Iterable[DeliveryDocument]) -> bool:
    """Say whether a citizen has been written that a step began, or will be. letters: of the case."""
    about = (change.step, change.workflow)
    alike = (each for each in letters if each.change and (each.change.step, each.change.workflow) == about)
    earlier = (each for each in alike if each.change and each.change.version < change.version)
    return any(each.state not in (DeliveryState.WITHHELD, DeliveryState.FAILED) for each in earlier)


def notice_of(step: str | None, case: CaseRecord) -> StepNotice | None:
    """Return what is written as a step of a case's begins; None: nothing."""
    found = case.workflow.frozen.step(step) if case.workflow is not None else None
    return None if found is None else found.notice


def said_at(changed: Changed | AtStep, town: Town) -> datetime:
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
    if change.kind is ChangeKind.STEP:
        return case.state in OPEN and _is_at_step(change, case)
    if change.kind is ChangeKind.REROUTED:
        return case.state in OPEN and case.department == change.department
    if case.closing_version > change.version:
        return False
    if change.kind is ChangeKind.REOPENED:
        return case.state in OPEN
    return case.state not in OPEN and case.state is not CaseState.TRANSFERRED


def _is_at_step(change: Change, case: CaseRecord) -> bool:
    run = case.workflow
    if run is None or run.frozen.version != change.workflow or change.step is None:
        return False
    return is_worth_saying(change.step, run, case.facts)


def _is_of(letter: DeliveryDocument, kind: ChangeKind) -> bool:
    return letter.change is not None and letter.change.kind is kind


def _is_ahead(letter: DeliveryDocument, now: datetime) -> bool:
    """Say whether a letter about a change waits for its moment, so that nobody has written it."""
    is_waiting = letter.state is DeliveryState.PENDING and letter.attempts == 0
    return letter.change is not None and is_waiting and letter.due_at > now
