"""What stands in the forms of a case page, and what is wrong with it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent_desk.commands import LONGEST_ANSWER, LONGEST_REASON, is_once, new_once
from guichet.ids import DepartmentId
from guichet.town.town import Town


@dataclass(frozen=True)
class Typed:
    """once: what makes this rendering of the forms unlike others. problem: why a sound command was not taken."""

    once: str
    text: str = field(default="", repr=False)
    awaits_answer: bool = False
    department: str = ""
    reason: str = field(default="", repr=False)
    problem: str | None = None
    errors: tuple[str, ...] = ()


def typed_reply(form: Mapping[str, str]) -> Typed:
    """Return what the answer form says."""
    text = form.get("text", "")
    errors = ("text-missing",) if not text.strip() else ("text-too-long",) if len(text) > LONGEST_ANSWER else ()
    return Typed(once_of(form), text=text, awaits_answer=form.get("awaits_answer") == "oui", errors=errors)


def typed_reroute(form: Mapping[str, str], current: DepartmentId, town: Town) -> Typed:
    """Return what the hand-over form says."""
    department, reason = form.get("department", ""), form.get("reason", "")
    errors = []
    if department not in town.departments or department == current:
        errors.append("department-missing")
    if not reason.strip():
        errors.append("reason-missing")
    if len(reason) > LONGEST_REASON:
        errors.append("reason-too-long")
    return Typed(once_of(form), department=department, reason=reason, errors=tuple(errors))


def typed_close(form: Mapping[str, str]) -> Typed:
    """Return what the closing form says: nothing but itself."""
    return Typed(once_of(form))


def once_of(form: Mapping[str, str]) -> str:
    """Return the form's own mark, or a new one where it carries none of ours."""
    given = form.get("once", "")
    return given if is_once(given) else new_once()
