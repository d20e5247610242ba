"""The form that opens a closed case again. Pure."""

from collections.abc import Mapping

from agent_desk.domain.decisions.decision import LONGEST_REASON
from agent_desk.domain.decisions.form_input import FormInput, once_of, shown_of, unannounced_of


def reopening_input(form: Mapping[str, str]) -> FormInput:
    """Return what the form says."""
    why = form.get("reopening", "")
    is_missing, is_long = not why.strip(), len(why) > LONGEST_REASON
    errors = ("reopening-missing",) if is_missing else ("reopening-too-long",) if is_long else ()
    return FormInput(
        once_of(form), shown=shown_of(form), reopening=why, unannounced=unannounced_of(form), errors=errors
    )
