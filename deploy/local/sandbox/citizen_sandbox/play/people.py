"""The invented citizens one can play, and what belongs to whom."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import yaml
from fastapi import HTTPException
from pydantic import BaseModel, ConfigDict, model_validator

PACKAGED = Path(__file__).with_name("citizens.yaml")


class Citizen(BaseModel):
    """One invented person. phone: E.164; two people may share one. Anything else: an account, by its provider."""

    model_config = ConfigDict(frozen=True, extra="allow")
    id: str
    given_name: str
    family_name: str
    note: str = ""
    phone: str
    email: str

    @property
    def name(self) -> str:
        """The name as people say it: given name, family name."""
        return f"{self.given_name} {self.family_name}"

    @model_validator(mode="after")
    def _accounts_have_fields(self) -> Self:
        for name, account in (self.model_extra or {}).items():
            if not isinstance(account, Mapping):
                raise ValueError(f"{name} is neither a field of a citizen nor an account, which has fields of its own")
        return self

    def account(self, provider: str) -> Mapping[str, Any]:
        """Return what the file says of this person's account at a provider; empty where it says nothing."""
        return dict((self.model_extra or {}).get(provider, {}))


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

    def existing(self, citizen_id: str) -> Citizen:
        """Return the citizen of that id. Raises HTTPException 404 naming those who exist."""
        found = self.find(citizen_id)
        if found is None:
            known = ", ".join(citizen.id for citizen in self.citizens)
            raise HTTPException(404, f"no citizen {citizen_id!r}; there are {known}")
        return found


def load_people(path: Path = PACKAGED) -> People:
    """Read the file of citizens. Raises pydantic's ValidationError naming what is wrong in it."""
    return People.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
