"""The form of a saved view. Pure."""

import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from guichet.ids import AgentId, DepartmentId, SavedViewId
from guichet.privacy.framed_bytes import framed

LONGEST_NAME: Final = 40  # characters: it stands in a row of others
OWN: Final = "-"  # as a form says whose it is; no department's id


@dataclass(frozen=True)
class SavedViewInput:
    """What a form says. whose: a department's id, or OWN. words: the list's choices, as an address says them."""

    name: str = field(default="", repr=False)
    whose: str = OWN
    words: Mapping[str, str] = field(default_factory=dict, repr=False)
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def department(self) -> DepartmentId | None:
        """Whose it is of departments; None: the agent's own."""
        return None if self.whose == OWN else DepartmentId(self.whose)


def saved_view_input(
    form: Mapping[str, str], words: Mapping[str, str], departments: Collection[DepartmentId]
) -> SavedViewInput:
    """Return what the form says. words: those that its author's lists understand. departments: theirs to write."""
    name, whose = " ".join(form.get("name", "").split()), form.get("whose", OWN)
    errors = {}
    if not name:
        errors["name"] = "missing"
    elif len(name) > LONGEST_NAME:
        errors["name"] = "too-long"
    if whose != OWN and whose not in departments:
        errors["whose"] = "missing"
    return SavedViewInput(name, whose, {each: word for each, word in words.items() if word}, errors)


def unused_name(said: str, taken: Collection[str]) -> str:
    """Return a name for a list: what is said of it, as short as names are, with a number where that is taken."""
    names, others = (_numbered(said, number) for number in count(1)), {each.casefold() for each in taken}
    return next(each for each in names if each.casefold() not in others)


def _numbered(said: str, number: int) -> str:
    mark = f" ({number})" if number > 1 else ""
    room = LONGEST_NAME - len(mark)
    return (said if len(said) <= room else said[: room - 1].rstrip(" ·") + "…") + mark


def view_id_of(key: bytes, agent: AgentId, department: DepartmentId | None, name: str) -> SavedViewId:
    """Return the id of a saved view: one of the same name and owner takes its place.

    key: the desk's. Ids lie in the clear, and a name is sealed: without the key none is found by trying words.
    """
    owner = ("agent", agent) if department is None else ("department", department)
    return SavedViewId(hmac.digest(key, framed("saved-view", *owner, name.casefold()), "sha256").hex()[:32])
