"""Job profiles: what a kind of work sees, how much of it, and what it may do there (profiles.yaml).

The sealing of sectors is kept by rights according to missions (arrêté of 4 July 2013; CNIL on téléservices:
docs/law.md 29).
"""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from guichet.ids import ProfileId
from guichet.rights.case_acts import CaseAct
from guichet.rights.scope import Detail
from guichet.town.organisation import DepartmentName
from guichet.town.procedures import ProcedureName
from guichet.town.values import IdText, TownModel

ProfileName = Annotated[ProfileId, IdText]
FILE: Final = "profiles.yaml"


class ProfileGrant(TownModel):
    """A kind of case that a profile sees, and what it may do with it.

    departments: "own": the agent's, sensitive or not; "all": every one that is not of a sensitive sector; or these. A
    sensitive sector's case is shown in synthesis to nobody, whatever names its department; where a reason is asked for,
    nothing tells of it before one is given.
    entered_by: only what the agent took down; "members": only what elected members did.
    """

    departments: Literal["own", "all"] | tuple[DepartmentName, ...] = "own"
    procedures: tuple[ProcedureName, ...] | None = Field(default=None, min_length=1)
    entered_by: Literal["self", "members"] | None = None
    detail: Detail = "full"
    acts: tuple[CaseAct, ...] = (CaseAct.READ,)
    reason_asked: bool = False
    caller_identified: bool = False

    @model_validator(mode="after")
    def _shows_what_it_names(self) -> "ProfileGrant":
        if CaseAct.READ not in self.acts:
            raise ValueError("acts lack read: whatever a profile may do, it is shown.")
        return self


class Profile(TownModel):
    """A kind of work. member: of an elected member of the council. administers: they change profiles and agents."""

    label: str
    grants: tuple[ProfileGrant, ...] = Field(min_length=1)
    member: bool = False
    administers: bool = False


# Why somebody opens a case that is not their daily work. No words of their own: they would be about a person.
REASONS: Final[Mapping[str, str]] = {
    "absence": "Remplacer un collègue absent",
    "usager": "L’usager le demande",
    "controle": "Contrôle ou réclamation",
    "autre": "Autre motif",
}


CallerGives = Literal["reference", "two-facts"]
"""What a caller gives before anything is said to them: the reference, or that and their name, address or number."""


class ProfileList(TownModel):
    """profiles.yaml. reasons: what is offered where opening a case asks for a reason, code → words."""

    profiles: dict[ProfileName, Profile] = Field(min_length=1)
    reasons: dict[Annotated[str, IdText], str] = Field(default=dict(REASONS), min_length=1)
    caller_gives: CallerGives = "two-facts"


ORDINARY: Final = ProfileId("agent")
"""The profile of an agent for whom none is named."""

WITHOUT_A_FILE: Final[Mapping[ProfileId, Profile]] = {
    ORDINARY: Profile(label="Agent", grants=(ProfileGrant(acts=tuple(CaseAct)),))
}
"""The profiles of a town without profiles.yaml: everybody works on the whole cases of their departments."""
