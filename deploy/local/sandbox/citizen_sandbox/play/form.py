"""The form with which a citizen writes, as data: what a tile needs no template of its own for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from citizen_sandbox.play.entry import Attachment


class Kind(StrEnum):
    """How a field is filled in."""

    LINE = "line"
    TEXT = "text"
    CHOICE = "choice"
    FILES = "files"


@dataclass(frozen=True)
class Option:
    """One of a choice; the first that is offered is chosen."""

    value: str
    label: str
    is_offered: bool = True


@dataclass(frozen=True)
class Field:
    """One field, in the order of the page. A tile reads it under `name` in Written."""

    name: str
    label: str
    kind: Kind = Kind.TEXT
    is_required: bool = False
    options: tuple[Option, ...] = ()


TEXT_AND_FILES = (Field("text", "Message"), Field("files", "Photo ou fichier", Kind.FILES))


@dataclass(frozen=True)
class Form:
    """path: where it is posted to, below the citizen's page; ids: what its fields' ids begin with.

    to: whom one writes to, in words. template: a tile's own, `<key>/<file>`.
    """

    path: str
    ids: str
    fields: tuple[Field, ...] = TEXT_AND_FILES
    to: str = ""
    template: str = "form.html"


@dataclass(frozen=True)
class Written:
    """What was filled in. Files come apart, whatever their field is called."""

    fields: Mapping[str, str] = field(default_factory=dict)
    files: list[Attachment] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The field of that name, or an empty string."""
        return self.fields.get("text", "")
