"""The form by which a stack of scans is uploaded. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from agent_desk.domain.entered.stamp import wrong_day
from agent_desk.domain.typed_day import typed_day
from guichet.ids import DepartmentId

LONGEST_PLACE = 60  # characters


@dataclass(frozen=True)
class BatchForm:
    """What was typed. stamp: the day on which all of it was received. kept_at: where the paper goes.

    as_one: whether separator sheets alone say where a letter ends, and files do not. errors: field → what is wrong, a
    code that the template words.
    """

    stamp: str = ""
    kept_at: str = field(default="", repr=False)
    department: str = ""
    as_one: bool = False
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def day(self) -> date:
        """The stamp's day. Raises ValueError where the form has an error."""
        if (day := typed_day(self.stamp)) is None:
            raise ValueError("the batch has no stamp")
        return day

    @property
    def chosen(self) -> DepartmentId:
        """Whose agents take the letters down."""
        return DepartmentId(self.department)


def batch_form(form: Mapping[str, str], departments: Collection[DepartmentId], today: date) -> BatchForm:
    """Return what the form says, and what is wrong. departments: for which its sender enters. today: in Paris."""
    stamp, kept_at, department = (form.get(name, "").strip() for name in ("stamp", "kept_at", "department"))
    errors = dict[str, str]()
    if (wrong := wrong_day(stamp, today) if stamp else "missing") is not None:
        errors["stamp"] = wrong
    if len(kept_at) > LONGEST_PLACE:
        errors["kept_at"] = "too-long"
    if department not in departments:
        errors["department"] = "missing"
    return BatchForm(stamp, kept_at, department, form.get("as_one") == "oui", errors)
