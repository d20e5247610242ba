"""What is typed to have a sheet printed. Nothing of it is kept. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from agent_desk.domain.paper.letter_frame import recipient_of
from guichet.documents.sheet import Recipient, UnfitAddressError

LONGEST_LINE: Final = 300  # characters, of a field of one line


@dataclass(frozen=True)
class PaperForm:
    """values: by field. errors: of which fields, and why, as codes."""

    values: Mapping[str, str] = field(repr=False)
    errors: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    @property
    def recipient(self) -> Recipient:
        """Who gets it. Raises UnfitAddressError."""
        return recipient_of(self["recipient"])


def paper_form(form: Mapping[str, str], *, needed: tuple[str, ...], optional: tuple[str, ...] = ()) -> PaperForm:
    """Return what a form says, and what is wrong with it. needed, optional: its fields of one line."""
    values = {name: " ".join(form.get(name, "").split()) for name in (*needed, *optional)}
    values["recipient"] = form.get("recipient", "").strip()
    errors = {name: "missing" for name in needed if not values[name]}
    errors |= {name: "too-long" for name in (*needed, *optional) if len(values[name]) > LONGEST_LINE}
    if code := _wrong_with(values["recipient"]):
        errors["recipient"] = code
    return PaperForm(values, errors)


def _wrong_with(recipient: str) -> str | None:
    if not recipient:
        return "missing"
    try:
        recipient_of(recipient)
    except UnfitAddressError:
        return "unfit"
    return None
