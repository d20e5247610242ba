"""The steps by which a town treats a procedure, as a case keeps them from the moment at which they begin for it.

Data alone: of nobody, and nothing that a citizen wrote. What a case has begun with it ends with, whatever the town's
files say by then (docs/decisions/0110). No step is a fact of law: clocks are reckoned from facts.
"""

from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from guichet.contracts.base import Contract
from guichet.contracts.legal_facts import FactKind, Nature, Outcome
from guichet.ids import ProcedureId, derive_id

STEPS_AT_MOST: Final = 12  # of a procedure
TASKS_AT_MOST: Final = 10  # of a step
LONGEST_LABEL: Final = 120  # characters
LONGEST_NOTICE: Final = 300  # characters: it fits a text

_BLANK: Final[tuple[object, ...]] = (None, (), [])

Label = Annotated[str, Field(max_length=LONGEST_LABEL)]
Sentence = Annotated[str, Field(max_length=LONGEST_NOTICE)]


class Doer(StrEnum):
    """Who does a task: whoever treats the case, a part of the town hall, or the citizen."""

    DEPARTMENT = "department"
    UNIT = "unit"
    CITIZEN = "citizen"


class _Sparse(Contract):
    """What says nothing is not written: each case keeps its steps, and each is read in lists."""

    @model_serializer(mode="wrap")
    def _without_blanks(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in write(self).items() if value not in _BLANK}


class WorkflowTask(_Sparse):
    """Something to be done. name: of no other task of the workflow. unit: a part of the town hall, as it is called,
    of Doer.UNIT: it says who does it, and gives nobody a right."""

    name: str
    label: Label
    label_en: Label | None = None
    by: Doer = Doer.DEPARTMENT
    unit: str | None = None


class Condition(_Sparse):
    """When a step is gone through: all that it says holds of the case; of what is listed one is enough.

    fact, no_fact: such a one stands, or none does. outcome: of the decision that stands. by_hand: an agent took the
    case down. pieces_lacking: pieces were asked for, and are not here.
    """

    fact: FactKind | None = None
    no_fact: FactKind | None = None
    nature: tuple[Nature, ...] = ()
    priority: tuple[str, ...] = ()
    outcome: tuple[Outcome, ...] = ()
    by_hand: bool | None = None
    pieces_lacking: bool | None = None


class StepNotice(Contract):
    """What the citizen is written once as the step begins."""

    fr: Sentence
    en: Sentence


class WorkflowStep(_Sparse):
    """One step. ends_on: what ends it as soon as it stands; none: that all its tasks are done. when: None: always."""

    name: str
    label: Label
    label_en: Label | None = None
    tasks: tuple[WorkflowTask, ...] = Field(default=(), max_length=TASKS_AT_MOST)
    ends_on: tuple[FactKind, ...] = ()
    when: Condition | None = None
    notice: StepNotice | None = None


class Workflow(Contract):
    """The steps of a procedure, in their order. version: of these very steps, whatever the town's files said since."""

    procedure: ProcedureId
    version: str
    steps: tuple[WorkflowStep, ...] = Field(min_length=1, max_length=STEPS_AT_MOST)

    @classmethod
    def of(cls, procedure: ProcedureId, steps: tuple[WorkflowStep, ...]) -> "Workflow":
        """Return the workflow that has these steps, under the version that they alone decide."""
        said = (each.model_dump_json() for each in steps)
        return cls(procedure=procedure, version=derive_id("workflow", procedure, *said)[:12], steps=steps)

    def step(self, name: str | None) -> WorkflowStep | None:
        """Return a step; None: it has none of that name."""
        return next((each for each in self.steps if each.name == name), None)

    def task(self, name: str) -> WorkflowTask | None:
        """Return a task; None: it has none of that name."""
        return next((task for step in self.steps for task in step.tasks if task.name == name), None)
