"""Where a case is in its workflow: what is done, what is next, and whose it is. Pure.

It follows from the frozen steps, the tasks that are done and the facts that stand, and from nothing else: so a task
that is open again, or a fact that is withdrawn, leads back.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from guichet.case.legal_facts import is_said_complete, standing
from guichet.case.record import CaseWorkflow, DoneTask
from guichet.contracts.legal_facts import FactKind, StatedFact
from guichet.contracts.workflow import Condition, Workflow, WorkflowStep
from guichet.law.clocks.rules import NORMAL

Facts = tuple[StatedFact, ...]


class StepState(StrEnum):
    """How a step stands. PASSED: its condition does not hold, and nobody goes through it."""

    DONE = "done"
    CURRENT = "current"
    AHEAD = "ahead"
    PASSED = "passed"


@dataclass(frozen=True)
class StandingStep:
    """A step as it stands. done: the names of those of its tasks that are."""

    step: WorkflowStep
    state: StepState
    done: frozenset[str]


@dataclass(frozen=True)
class Progress:
    """All steps of a workflow as they stand, in their order."""

    steps: tuple[StandingStep, ...]

    @property
    def current(self) -> WorkflowStep | None:
        """The step that the case is at; None: it is through."""
        return next((each.step for each in self.steps if each.state is StepState.CURRENT), None)

    @property
    def gone_through(self) -> tuple[StandingStep, ...]:
        """The steps that are the case's: those that are passed are not."""
        return tuple(each for each in self.steps if each.state is not StepState.PASSED)

    @property
    def place(self) -> int:
        """Which of these it is at, from 1; past the last: it is through."""
        return 1 + sum(each.state is StepState.DONE for each in self._before)

    @property
    def _before(self) -> Iterator[StandingStep]:
        for each in self.gone_through:
            if each.state is StepState.CURRENT:
                return
            yield each


def progress(workflow: Workflow, done: Collection[str], facts: Facts, *, by_hand: bool) -> Progress:
    """Return how the steps stand. done: names of tasks. by_hand: an agent took the case down."""
    found, is_behind = list[StandingStep](), True
    for step in workflow.steps:
        own = frozenset(task.name for task in step.tasks if task.name in done)
        is_done, applies = len(own) == len(step.tasks), step.when is None or _holds(step.when, facts, by_hand=by_hand)
        is_over = any(_stands(kind, facts) for kind in step.ends_on) if step.ends_on else is_done
        if not applies:
            state = StepState.DONE if own and is_done and is_behind else StepState.PASSED
        elif not is_behind:
            state = StepState.AHEAD
        else:
            state, is_behind = (StepState.DONE, True) if is_over else (StepState.CURRENT, False)
        found.append(StandingStep(step, state, own))
    return Progress(tuple(found))


def progress_of(run: CaseWorkflow, facts: Facts) -> Progress:
    """Return how the steps of a case stand."""
    return progress(run.frozen, {each.task for each in run.done}, facts, by_hand=run.by_hand)


def begun(workflow: Workflow, facts: Facts, *, by_hand: bool) -> CaseWorkflow:
    """Return a workflow as it begins for a case: what is known already may have ended its first steps."""
    first = progress(workflow, (), facts, by_hand=by_hand).current
    return CaseWorkflow(frozen=workflow, step=_name(first), by_hand=by_hand)


def at_its_step(run: CaseWorkflow, facts: Facts) -> CaseWorkflow:
    """Return a workflow at the step at which its tasks and facts have it; itself where it is there."""
    step = _name(progress_of(run, facts).current)
    return run if step == run.step else run.model_copy(update={"step": step})


def with_mark(run: CaseWorkflow, mark: DoneTask, *, is_done: bool) -> CaseWorkflow:
    """Return a workflow with a task done, or open again."""
    others = tuple(each for each in run.done if each.task != mark.task)
    return run.model_copy(update={"done": (*others, mark) if is_done else others})


def confirmed_procedure(facts: Facts) -> str | None:
    """Return the procedure that was confirmed last, and that nobody withdrew."""
    told = [each.procedure for each in standing(facts) if each.event is FactKind.PROCEDURE_CONFIRMED]
    return told[-1] if told else None


def is_worth_saying(step: str, run: CaseWorkflow, facts: Facts) -> bool:
    """Say whether what is written as a step begins is still so: the case is there, or past it, and has come to no later
    step of which something is written."""
    found = progress_of(run, facts)
    reached = found.gone_through[: found.place]
    return [each.step.name for each in reached if each.step.notice is not None][-1:] == [step]


def pieces_lack(facts: Facts) -> bool:
    """Say whether pieces were asked for that have not come since, and nobody has said that nothing lacks."""
    if is_said_complete(facts):
        return False
    lacking: set[str] = set()
    for each in standing(facts):
        lacking |= {piece.name for piece in each.asked.pieces} if each.asked is not None else set()
        lacking -= {each.piece} if each.piece is not None else set()
    return bool(lacking)


def _holds(when: Condition, facts: Facts, *, by_hand: bool) -> bool:
    return (
        (when.fact is None or _stands(when.fact, facts))
        and (when.no_fact is None or not _stands(when.no_fact, facts))
        and (not when.nature or _last(FactKind.QUALIFIED, facts) in when.nature)
        and (not when.priority or (_last(FactKind.PRIORITY_GIVEN, facts) or NORMAL) in when.priority)
        and (not when.outcome or _last(FactKind.DECISION_TAKEN, facts) in when.outcome)
        and (when.by_hand is None or when.by_hand is by_hand)
        and (when.pieces_lacking is None or when.pieces_lacking is pieces_lack(facts))
    )


def _stands(kind: FactKind, facts: Facts) -> bool:
    if kind is FactKind.FILE_COMPLETE:
        return is_said_complete(facts)
    return any(each.event is kind for each in standing(facts))


def _last(kind: FactKind, facts: Facts) -> str | None:
    told = [each.value for each in standing(facts) if each.event is kind]
    return told[-1] if told else None


def _name(step: WorkflowStep | None) -> str | None:
    return None if step is None else step.name
