"""The town hall's sectors, departments and units, and what reaches whom."""

from typing import Annotated

from pydantic import Field, model_validator

from guichet.ids import DepartmentId, ProcedureId, SectorId, UnitId
from guichet.town.opening_hours import OpeningHours
from guichet.town.values import IdText, Mailbox, Phone, TownModel

SectorName = Annotated[SectorId, IdText]
DepartmentName = Annotated[DepartmentId, IdText]
UnitName = Annotated[UnitId, IdText]


class Sector(TownModel):
    """A sealed family of departments (docs/law.md 29).

    sensitive: no answer of it is on a follow page, nor cut short (docs/decisions/0015).
    """

    name: str
    sensitive: bool = False


class Department(TownModel):
    """A department as citizens read it in a receipt (CRPA R112-11-1, 2°: docs/law.md 11).

    four_eyes: whoever wrote an answer does not sign it, whatever else they may (docs/decisions/0078).
    opening_hours: outside of them urgent cases reach who is on call (docs/decisions/0086); None: at any hour.
    """

    name: str
    sector: SectorName
    email: Mailbox
    phone: Phone
    postal_address: str
    four_eyes: bool = False
    opening_hours: OpeningHours | None = None


class Unit(TownModel):
    """A part of the town hall as its own organisation chart has it: the departments whose cases it works on."""

    label: str
    departments: tuple[DepartmentName, ...] = Field(min_length=1)


class Organisation(TownModel):
    """organisation.yaml"""

    sectors: dict[SectorName, Sector] = Field(min_length=1)
    departments: dict[DepartmentName, Department] = Field(min_length=1)
    units: dict[UnitName, Unit] = Field(default_factory=dict)


class MailboxEntry(TownModel):
    """A mailbox of the town. department: whose it is; None where mail for every department arrives."""

    department: DepartmentName | None = None


class Rule(TownModel):
    """Sends a message to a department: by words of its subject or text, or by the mailbox it came to; the first wins.

    keywords: words or phrases, compared without case and accents, whole words only; a final * stands for any ending.
    procedure: what the message then asks for, of procedures.yaml.
    vouches: whether the town answers for it without anybody's look, so that the acknowledgement (ARE) leaves at once.
    """

    id: Annotated[str, IdText]
    keywords: tuple[str, ...] = ()
    mailbox: Mailbox | None = None
    department: DepartmentName
    procedure: Annotated[ProcedureId, IdText] | None = None
    vouches: bool = False

    @model_validator(mode="after")
    def _match_something(self) -> "Rule":
        if self.vouches and self.procedure is None:
            raise ValueError("a rule vouches for a procedure: name it, or take `vouches` away.")
        if bool(self.keywords) == (self.mailbox is not None):
            raise ValueError("a rule has either keywords or a mailbox.")
        return self


class RuleList(TownModel):
    """rules.yaml"""

    rules: tuple[Rule, ...]
