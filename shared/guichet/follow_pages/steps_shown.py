"""What a citizen's page says of the steps of their case: labels, and no agent (docs/decisions/0110). Pure."""

from collections.abc import Mapping
from typing import Literal

from guichet.case.workflow import StandingStep, StepState, progress
from guichet.contracts.case_events import CaseState
from guichet.contracts.workflow import Doer, WorkflowStep, WorkflowTask
from guichet.store.cases.followed import FollowedCase
from guichet.store.follow_views.document import ShownStep


def shown_steps(case: FollowedCase) -> tuple[ShownStep, ...]:
    """Return them in their order, those that are passed left out. Of a case that is over none lies ahead."""
    run = case.workflow
    if run is None:
        return ()
    found = progress(run.frozen, {each.task for each in run.done}, case.facts, by_hand=run.by_hand)
    is_open = case.state in {CaseState.RECEIVED, CaseState.IN_PROGRESS, CaseState.WAITING_FOR_CITIZEN}
    gone_through = [each for each in found.gone_through if is_open or each.state is StepState.DONE]
    return tuple(_shown(each) for each in gone_through)


def _shown(found: StandingStep) -> ShownStep:
    states: Mapping[StepState, Literal["done", "current"]] = {StepState.DONE: "done", StepState.CURRENT: "current"}
    is_here = found.state is StepState.CURRENT
    own = (task for task in found.step.tasks if task.by is Doer.CITIZEN and task.name not in found.done)
    return ShownStep(
        label=_words(found.step),
        state=states.get(found.state, "ahead"),
        yours=tuple(_words(task) for task in own) if is_here else (),
    )


def _words(named: WorkflowStep | WorkflowTask) -> Mapping[str, str]:
    return {"fr": named.label, "en": named.label_en or named.label}
