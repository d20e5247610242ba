"""What the forms say that give a case to an agent, or back. Pure."""

from collections.abc import Collection, Mapping
from typing import Final

from agent_desk.domain.decisions.decision import LONGEST_REASON
from agent_desk.domain.decisions.form_input import FormInput, once_of, shown_of
from guichet.ids import AgentId

NOBODY: Final = "-"  # as a form says it; no agent's id


def assignment_input(form: Mapping[str, str], able: Collection[AgentId]) -> FormInput:
    """Return what a form says. able: whom the case may be given."""
    to, words = form.get("to", ""), form.get("handover", "")
    errors = []
    if to != NOBODY and to not in able:
        errors.append("agent-missing")
    if len(words) > LONGEST_REASON:
        errors.append("handover-too-long")
    return FormInput(once_of(form), shown=shown_of(form), assignee=to, handover=words, errors=tuple(errors))


def assignee_of(typed: FormInput) -> AgentId | None:
    """Return whom a sound form gives the case; None: nobody."""
    return None if typed.assignee == NOBODY else AgentId(typed.assignee)
