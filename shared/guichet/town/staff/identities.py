"""What an identity from elsewhere stands for here: claims of the State's sign-in onto a unit and a profile
(identity.yaml)."""

from collections.abc import Iterable
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from guichet.town.organisation import UnitName
from guichet.town.staff.profiles import ORDINARY, ProfileName
from guichet.town.values import TownModel

FILE: Final = "identity.yaml"
Siret = Annotated[str, StringConstraints(pattern=r"^[0-9]{14}$")]


class ProvidedIdentity(TownModel):
    """What the provider said of an agent when they last signed in there: ProConnect's claims, in its own words.

    uid: what their own establishment calls them.
    """

    siret: Siret
    organizational_unit: str | None = None
    uid: str | None = None


class IdentityMapping(TownModel):
    """Who signs in with these claims works in this unit, with this profile. The first that fits wins.

    organizational_unit, uid: the claims' own words; None: whatever they say, or do not.
    """

    siret: Siret
    organizational_unit: str | None = None
    uid: str | None = None
    unit: UnitName
    profile: ProfileName = ORDINARY

    def fits(self, identity: ProvidedIdentity) -> bool:
        """Say whether it is about who has these claims."""
        return (
            self.siret == identity.siret
            and self.organizational_unit in {None, identity.organizational_unit}
            and self.uid in {None, identity.uid}
        )


class IdentityList(TownModel):
    """identity.yaml"""

    mappings: tuple[IdentityMapping, ...] = Field(default=())


def mapping_for(identity: ProvidedIdentity, mappings: Iterable[IdentityMapping]) -> IdentityMapping | None:
    """Return what an identity stands for here; None: for nothing."""
    return next((mapping for mapping in mappings if mapping.fits(identity)), None)
