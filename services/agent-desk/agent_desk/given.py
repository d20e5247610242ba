"""A command that was given, as a page's address names it while its outcome is awaited: kind and id, no words. Pure."""

import re
from dataclasses import dataclass
from typing import Final, Self

from guichet.ids import EventId

KINDS: Final = frozenset({"reponse", "transmission", "cloture", "identite", "abus", "abus-leve", "envoi"})
_ID: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)


@dataclass(frozen=True)
class Given:
    """A command that was given. kind: by which form, as in its address."""

    kind: str
    command: EventId

    def __str__(self) -> str:
        return f"{self.kind}-{self.command}"

    @classmethod
    def read(cls, text: str | None) -> Self | None:
        """Return what an address names; None where it names nothing of ours."""
        kind, _, command = (text or "").rpartition("-")
        return cls(kind, EventId(command)) if kind in KINDS and _ID.fullmatch(command) else None
