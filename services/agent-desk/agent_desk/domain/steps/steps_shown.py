"""What a page shows of the steps that a case goes through: which is done, who does what, how far it is. Values."""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

from guichet.case.record import CaseRecord, CaseWorkflow, DoneTask
from guichet.case.workflow import Progress, StepState, progress_of
from guichet.contracts.channels import Words
from guichet.contracts.legal_facts import FactKind, StatedFact
from guichet.contracts.workflow import WorkflowStep, WorkflowTask


@dataclass(frozen=True)
class TaskLine:
    """One task. done: by whom and when; None: it is open."""

    task: WorkflowTask
    done: DoneTask | None

    @property
    def title(self) -> Words:
        """What is to be done."""
        return _title(self.task)


@dataclass(frozen=True)
class StepLine:
    """One step, as it stands."""

    step: WorkflowStep
    state: StepState
    tasks: tuple[TaskLine, ...]

    @property
    def title(self) -> Words:
        """What it is called."""
        return _title(self.step)

    @property
    def ends_on(self) -> tuple[FactKind, ...]:
        """The facts of which one ends it; none: its tasks do."""
        return self.step.ends_on


@dataclass(frozen=True)
class StepsShown:
    """Made for who sees the case whole."""

    run: CaseWorkflow
    facts: tuple[StatedFact, ...]

    @classmethod
    def of(cls, case: CaseRecord) -> Self | None:
        """Return those of a case; None: it goes through none."""
        return None if case.workflow is None else cls(case.workflow, case.facts)

    @property
    def version(self) -> str:
        """Which steps they are: a form says what its page has shown."""
        return self.run.frozen.version

    @cached_property
    def progress(self) -> Progress:
        """How they stand."""
        return progress_of(self.run, self.facts)

    @property
    def current(self) -> Words | None:
        """What the step is called that the case is at; None: it is through."""
        return None if self.progress.current is None else _title(self.progress.current)

    @property
    def place(self) -> int:
        """Which step that is, from 1, of those that the case goes through; of a case that is through the last."""
        return min(self.progress.place, self.count)

    @property
    def count(self) -> int:
        """How many steps the case goes through."""
        return len(self.progress.gone_through)

    @cached_property
    def lines(self) -> tuple[StepLine, ...]:
        """Every step, those that are passed too."""
        marks = {each.task: each for each in self.run.done}
        return tuple(
            StepLine(each.step, each.state, tuple(TaskLine(task, marks.get(task.name)) for task in each.step.tasks))
            for each in self.progress.steps
        )

    def step_called(self, name: str | None) -> Words | None:
        """Return what a step is called; None: these steps have none such."""
        found = self.run.frozen.step(name)
        return None if found is None else _title(found)

    def task_called(self, name: str) -> Words | None:
        """Return what a task is called; None: these steps have none such."""
        found = self.run.frozen.task(name)
        return None if found is None else _title(found)


def _title(named: WorkflowStep | WorkflowTask) -> Words:
    return Words(fr=named.label, en=named.label_en or named.label)
