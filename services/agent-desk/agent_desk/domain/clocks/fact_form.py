"""The forms by which an agent says what a case is, how urgent, or that this was a mistake. Pure."""

from collections.abc import Mapping

from agent_desk.domain.clocks.clocks_shown import NATURES, ClocksShown
from agent_desk.domain.clocks.fact_input import FactInput
from agent_desk.domain.decisions.decision import LONGEST_REASON
from agent_desk.domain.decisions.form_input import FormInput, once_of, shown_of
from guichet.contracts.legal_facts import NEED_REASON, FactKind, StatedFact

SURE = "oui"
"""What a box says that is ticked."""


def fact_input_of(form: Mapping[str, str], clocks: ClocksShown) -> FormInput:
    """Return what a form says that tells a fact; it is told once its author has seen which receipt that lets leave.

    Of a case's nature they may say what shows it; of a message without a name, and of a threat, they must.
    """
    kind, value, seen = form.get("kind", ""), form.get("value", ""), form.get("leaves", "")
    why = form.get("why", "") if kind == FactKind.QUALIFIED else ""
    choices = {
        FactKind.PROCEDURE_CONFIRMED.value: tuple(clocks.procedures),
        FactKind.QUALIFIED.value: NATURES,
        FactKind.PRIORITY_GIVEN.value: clocks.priorities,
        FactKind.FILE_COMPLETE.value: (SURE,),
    }
    leaves = clocks.leaves(kind, value)
    is_unknown = value not in choices.get(kind, ())
    wrong = {
        "fact-missing": is_unknown,
        "why-missing": not is_unknown and value in NEED_REASON and not why.strip(),
        "why-too-long": len(why) > LONGEST_REASON,
        "leaves-unseen": not is_unknown and leaves is not None and leaves.seen != seen,
    }
    errors = tuple(name for name, is_wrong in wrong.items() if is_wrong)
    fact = FactInput(kind, value, seen=seen, reason=why)
    return FormInput(once_of(form), shown=shown_of(form), fact=fact, errors=errors)


def withdrawal_input(form: Mapping[str, str], clocks: ClocksShown) -> FormInput:
    """Return what the form says that withdraws a fact."""
    what, reason = form.get("what", ""), form.get("withdrawal", "")
    wrong = {
        "withdrawn-missing": what not in {each.mark for each in clocks.told},
        "withdrawal-missing": not reason.strip(),
        "withdrawal-too-long": len(reason) > LONGEST_REASON,
    }
    errors = tuple(name for name, is_wrong in wrong.items() if is_wrong)
    return FormInput(once_of(form), shown=shown_of(form), fact=FactInput(what=what, reason=reason), errors=errors)


def withdrawn_by(given: FactInput, clocks: ClocksShown) -> StatedFact:
    """Return the fact that a sound form withdraws."""
    return next(each.fact for each in clocks.told if each.mark == given.what)
