"""What procedures.yaml says of the steps of a procedure (docs/processes.md): tasks, who does them, what is written."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, model_validator

from guichet.contracts.legal_facts import DATED_BY_AGENTS, FactKind, Nature, Outcome
from guichet.contracts.workflow import (
    STEPS_AT_MOST,
    TASKS_AT_MOST,
    Condition,
    Doer,
    Label,
    Sentence,
    StepNotice,
    Workflow,
    WorkflowStep,
    WorkflowTask,
)
from guichet.ids import DepartmentId, ProcedureId, UnitId
from guichet.town.organisation import Department, Organisation, Unit
from guichet.town.procedure_clocks import listed
from guichet.town.values import IdText, TownModel

DECIDES: Final = DATED_BY_AGENTS | {FactKind.FILE_COMPLETE, FactKind.ANSWERED}
"""Of what a condition may ask whether it stands."""
ENDS: Final = DECIDES - {FactKind.PIECE_ARRIVED}
"""What may end a step: of pieces, that nothing lacks."""


def _ending(value: object) -> object:
    if value not in ENDS:
        raise ValueError(f"{value!r} ends no step; what does: {', '.join(sorted(ENDS))}.")
    return value


def _deciding(value: object) -> object:
    if value not in DECIDES:
        raise ValueError(f"{value!r} decides no step; what does: {', '.join(sorted(DECIDES))}.")
    return value


def _many(value: object) -> object:
    return value if isinstance(value, list | tuple) else (value,)


Ending = Annotated[FactKind, BeforeValidator(_ending)]
Deciding = Annotated[FactKind, BeforeValidator(_deciding)]


class TaskEntry(TownModel):
    """A task. by: “department”, whoever treats the case; “citizen”; or a department or unit of organisation.yaml."""

    name: Annotated[str, IdText]
    label: Label
    label_en: Label | None = None
    by: Annotated[str, IdText] = Doer.DEPARTMENT

    def frozen(self, parts: Mapping[str, str]) -> WorkflowTask:
        """Return it as a case keeps it."""
        unit = None if self.by in _DOERS else parts.get(self.by)
        by = Doer(self.by) if self.by in _DOERS else Doer.UNIT if unit is not None else Doer.DEPARTMENT
        return WorkflowTask(name=self.name, label=self.label, label_en=self.label_en, by=by, unit=unit)


class NoticeEntry(TownModel):
    """What the citizen is written once as a step begins, in both languages."""

    fr: Sentence
    en: Sentence


class ConditionEntry(TownModel):
    """When a step is gone through; all that is written holds. See guichet.contracts.workflow.Condition."""

    fact: Deciding | None = None
    no_fact: Deciding | None = None
    nature: Annotated[tuple[Nature, ...], BeforeValidator(_many)] = ()
    priority: Annotated[tuple[Annotated[str, IdText], ...], BeforeValidator(_many)] = ()
    outcome: Annotated[tuple[Outcome, ...], BeforeValidator(_many)] = ()
    by_hand: bool | None = None
    pieces_lacking: bool | None = None

    @model_validator(mode="after")
    def _say_something(self) -> "ConditionEntry":
        if not self.model_fields_set:
            raise ValueError("say when the step is gone through, or take `when` away.")
        return self


class StepEntry(TownModel):
    """One step. ends_on: facts of which one ends it; none: that all its tasks are done."""

    name: Annotated[str, IdText]
    label: Label
    label_en: Label | None = None
    tasks: Annotated[tuple[TaskEntry, ...], Field(max_length=TASKS_AT_MOST)] = ()
    ends_on: Annotated[tuple[Ending, ...], BeforeValidator(_many)] = ()
    when: ConditionEntry | None = None
    notice: NoticeEntry | None = None

    @model_validator(mode="after")
    def _have_an_end(self) -> "StepEntry":
        if not self.tasks and not self.ends_on:
            raise ValueError("nothing ends this step: give it `tasks`, or say what `ends_on`.")
        return self

    def frozen(self, parts: Mapping[str, str]) -> WorkflowStep:
        """Return it as a case keeps it."""
        return WorkflowStep(
            name=self.name,
            label=self.label,
            label_en=self.label_en,
            tasks=tuple(each.frozen(parts) for each in self.tasks),
            ends_on=self.ends_on,
            when=Condition(**self.when.model_dump()) if self.when is not None else None,
            notice=StepNotice(**self.notice.model_dump()) if self.notice is not None else None,
        )


StepsEntry = Annotated[tuple[StepEntry, ...], BeforeValidator(listed), Field(max_length=STEPS_AT_MOST)]
_DOERS: Final = frozenset({Doer.DEPARTMENT, Doer.CITIZEN})


def frozen_steps(procedure: ProcedureId, steps: tuple[StepEntry, ...], parts: Mapping[str, str]) -> Workflow:
    """Return the steps of a procedure as a case keeps them. steps: one or more. parts: of the town hall, by id."""
    return Workflow.of(procedure, tuple(each.frozen(parts) for each in steps))


def parts_of(departments: Mapping[DepartmentId, Department], units: Mapping[UnitId, Unit]) -> Mapping[str, str]:
    """Return what agents call each part of the town hall. A unit goes before a department of the same id."""
    own = {str(name): each.name for name, each in departments.items()}
    return own | {str(name): each.label for name, each in units.items()}


def wrong_steps(
    steps: tuple[StepEntry, ...], organisation: Organisation, department: DepartmentId
) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Yield what is wrong between the steps of a procedure, with where: the way to it from `steps` on."""
    names, tasks = set[str](), set[str]()
    is_sensitive = _is_sensitive(organisation, department)
    for nth, step in enumerate(steps):
        if step.name in names:
            yield (nth, "name"), f"another step is called {step.name!r}: by its name a case knows where it is."
        names.add(step.name)
        if step.notice is not None and is_sensitive:
            yield (
                (nth, "notice"),
                "of a sensitive sector nothing is written by itself: whoever opens the message would learn of it.",
            )
        for place, task in enumerate(step.tasks):
            at = (nth, "tasks", place)
            if task.name in tasks:
                yield (*at, "name"), f"another task is called {task.name!r}: by its name a case knows that it is done."
            tasks.add(task.name)
            if task.by not in (*_DOERS, *organisation.departments, *organisation.units):
                yield (*at, "by"), f"{task.by!r} is nobody; write “department”, “citizen”, or a department or unit."


def _is_sensitive(organisation: Organisation, department: DepartmentId) -> bool:
    there = organisation.departments.get(department)
    sector = None if there is None else organisation.sectors.get(there.sector)
    return sector is not None and sector.sensitive
