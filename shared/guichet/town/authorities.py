"""To whom the town passes on what it is not competent for: authorities.yaml, which need not be there."""

from collections.abc import Mapping
from typing import Annotated, Final, Self

from pydantic import AnyHttpUrl, Field, StringConstraints, model_validator

from guichet.town.values import IdText, Mailbox, Phone, TownModel

FILE: Final = "authorities.yaml"

AuthorityName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=120)]


class Authority(TownModel):
    """One of them. name: as citizens and agents read it, and as a case keeps it; no other one's.

    competent_for: what one asks it for, as agents read it. At least one of the ways to write to it is there.
    """

    name: AuthorityName
    competent_for: str | None = None
    email: Mailbox | None = None
    postal_address: str | None = None
    telephone: Phone | None = None
    website: AnyHttpUrl | None = None

    @model_validator(mode="after")
    def _can_be_written_to(self) -> Self:
        if self.email is None and self.postal_address is None:
            raise ValueError("nobody can write to it: give its email or its postal_address.")
        return self


class AuthorityList(TownModel):
    """authorities.yaml. A town without the file passes nothing on at the desk."""

    authorities: dict[Annotated[str, IdText], Authority] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _bear_names_of_their_own(self) -> Self:
        names = [each.name for each in self.authorities.values()]
        if twice := [name for name in names if names.count(name) > 1]:
            raise ValueError(f"two authorities are called {twice[0]!r}; a case names them by that.")
        return self

    @property
    def by_name(self) -> Mapping[str, Authority]:
        """The directory, by name."""
        return {each.name: each for each in self.authorities.values()}
