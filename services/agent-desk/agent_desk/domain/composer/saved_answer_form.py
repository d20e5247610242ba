"""The form of a saved answer. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from agent_desk.domain.composer.variables import unknown
from agent_desk.domain.decisions.decision import LONGEST_ANSWER
from guichet.ids import AgentId, DepartmentId, SavedAnswerId, derive_id

LONGEST_TITLE: Final = 80  # characters
OWN: Final = "-"  # as a form says whose it is; no department's id


@dataclass(frozen=True)
class SavedAnswerInput:
    """What a form says. whose: a department's id, or OWN. unknown: variables of its text that no case fills."""

    title: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    whose: str = OWN
    errors: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def department(self) -> DepartmentId | None:
        """Whose it is of departments; None: the agent's own."""
        return None if self.whose == OWN else DepartmentId(self.whose)


def saved_answer_input(form: Mapping[str, str], departments: Collection[DepartmentId]) -> SavedAnswerInput:
    """Return what the form says. departments: for which its author may write."""
    title, text, whose = form.get("title", "").strip(), form.get("text", "").strip(), form.get("whose", OWN)
    strange = unknown(text)
    wrong = {
        "title-missing": not title,
        "title-too-long": len(title) > LONGEST_TITLE,
        "text-missing": not text,
        "text-too-long": len(text) > LONGEST_ANSWER,
        "variable-unknown": bool(strange),
        "whose-missing": whose != OWN and whose not in departments,
    }
    errors = tuple(name for name, is_wrong in wrong.items() if is_wrong)
    return SavedAnswerInput(title, text, whose, errors, strange)


def new_answer_id(agent: AgentId, once: str) -> SavedAnswerId:
    """Return the id of what a form makes anew: the same for a double click."""
    return SavedAnswerId(derive_id("saved-answer", agent, once))
