"""What an export says of itself: first what it is, last what it holds. Pure."""

import hmac
from collections.abc import Mapping
from typing import Final, Literal

from pydantic import AwareDatetime, ValidationError

from guichet.contracts.base import Contract
from guichet.errors import PermanentError
from guichet.ids import AgentId, DepartmentId

FIRST: Final = "manifest.json"
LAST: Final = "end.json"
FORMAT: Final = 1


class Manifest(Contract):
    """taken_at: everything in it stands as at that moment. migration: the newest that the store has been through.

    keys: what shows whether an installation has the keys by which ids were made, and nothing of the keys.
    person, approved_by: of the town.
    """

    format: Literal[1] = 1
    town: str
    version: str
    migration: int
    taken_at: AwareDatetime
    order_id: str
    person: AgentId
    approved_by: AgentId
    departments: tuple[DepartmentId, ...]
    keys: dict[str, str]


class Unopened(Contract):
    """A value that does not open: it was tampered with, or its key is lost."""

    kind: str
    name: str
    fields: tuple[str, ...]


class End(Contract):
    """counts: lines by kind; files and mails. unfiled, unpublished: what was under way (messages, cases).

    dead_letters, records: what lay on the broker, undecided or not handled yet, and is not in it; None: nobody knows.
    """

    counts: dict[str, int]
    unopened: tuple[Unopened, ...] = ()
    unfiled: int = 0
    unpublished: int = 0
    dead_letters: int | None = None
    records: int | None = None


class _Format(Contract):
    format: int


def read_manifest(content: bytes) -> Manifest:
    """Return it. Raises PermanentError for what is none, or of a format that this version does not know."""
    try:
        if (found := _Format.model_validate_json(content).format) != FORMAT:
            raise PermanentError(f"This export has format {found}; this version of Guichet reads {FORMAT}.")
        return Manifest.model_validate_json(content)
    except ValidationError:
        raise PermanentError("This file is no export of a town: its manifest cannot be read.") from None


def fingerprints(keys: Mapping[str, bytes]) -> dict[str, str]:
    """Return what tells keys apart, by name: who has a fingerprint has nothing of its key."""
    return {name: hmac.digest(key, b"guichet town export", "sha256").hex()[:32] for name, key in keys.items()}
