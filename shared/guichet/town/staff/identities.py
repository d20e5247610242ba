"""What an identity from elsewhere stands for here: claims of the State's sign-in onto a unit and a profile
(identity.yaml)."""

from typing import Annotated, Final

from pydantic import Field, StringConstraints

from guichet.town.organisation import UnitName
from guichet.town.staff.profiles import ORDINARY, ProfileName
from guichet.town.values import TownModel

FILE: Final = "identity.yaml"
Siret = Annotated[str, StringConstraints(pattern=r"^[0-9]{14}$")]


class IdentityMapping(TownModel):
    """Who signs in with these claims works in this unit, with this profile. The first that fits wins.

    organizational_unit: the claim's own words; None: whatever it says, or does not.
    """

    siret: Siret
    organizational_unit: str | None = None
    unit: UnitName
    profile: ProfileName = ORDINARY


class IdentityList(TownModel):
    """identity.yaml"""

    mappings: tuple[IdentityMapping, ...] = Field(default=())
