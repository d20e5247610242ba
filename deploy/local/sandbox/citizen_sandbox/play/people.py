"""The invented citizens one can play, and what belongs to whom."""

from pathlib import Path
from typing import Self

import yaml
from pydantic import BaseModel, ConfigDict, model_validator

PACKAGED = Path(__file__).with_name("citizens.yaml")


class TelegramAccount(BaseModel):
    """A person's account; in a private chat the chat's id is the person's."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: int
    username: str


class Citizen(BaseModel):
    """One invented person. phone: E.164; two people may share one."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: str
    given_name: str
    family_name: str
    note: str = ""
    phone: str
    email: str
    telegram: TelegramAccount

    @property
    def name(self) -> str:
        """The name as people say it: given name, family name."""
        return f"{self.given_name} {self.family_name}"

    @property
    def addresses(self) -> frozenset[str]:
        """Where messages reach this person, as the journal writes addresses."""
        return frozenset({self.phone, self.email, str(self.telegram.id)})


class People(BaseModel):
    """Everybody in the file, and the town's mailboxes that they write to."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    mailboxes: tuple[str, ...]
    citizens: tuple[Citizen, ...]

    @model_validator(mode="after")
    def _ids_differ(self) -> Self:
        ids = [citizen.id for citizen in self.citizens]
        if len(set(ids)) != len(ids):
            raise ValueError("two citizens have the same id")
        return self

    def find(self, citizen_id: str) -> Citizen | None:
        """Return the citizen of that id, or None."""
        return next((citizen for citizen in self.citizens if citizen.id == citizen_id), None)

    @property
    def addresses(self) -> frozenset[str]:
        """Every address that belongs to somebody in the file."""
        return frozenset(address for citizen in self.citizens for address in citizen.addresses)


def load_people(path: Path = PACKAGED) -> People:
    """Read the file of citizens. Raises pydantic's ValidationError naming what is wrong in it."""
    return People.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
