"""A command that was given, as a page's address names it while its outcome is awaited. Pure.

<kind>-<id>-<given at>: by which form, 32 hexadecimal digits, seconds since 1970 by the desk's clock; no words
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self

from agent_desk.domain.decisions.mail_decision import RELEASED, SPAM
from guichet.ids import EventId

KINDS: Final = frozenset(
    {
        "reponse",
        "reponse-cloture",
        "reponse-attente",
        "transmission",
        "cloture",
        "identite",
        "abus",
        "abus-leve",
        "envoi",
        "attribution",
        "note",
        "attente",
        "reouverture",
        "qualification",
        "qualification-retrait",
        "fait-date",
        "tache",
        "decision",
        "notification",
        RELEASED,
        SPAM,
    }
)
AWAITED_FOR: Final = timedelta(minutes=10)  # the router takes some 50 ms: it is down, or the command a dead letter
_ADDRESS: Final = re.compile(r"([a-z-]+)-([0-9a-f]{32})(?:-([0-9]{1,11}))?", re.ASCII)


@dataclass(frozen=True)
class GivenCommand:
    """A command that was given. kind: by which form, as in its address. at: when; None: an address of before."""

    kind: str
    command: EventId
    at: datetime | None = None

    def __str__(self) -> str:
        when = "" if self.at is None else f"-{int(self.at.timestamp())}"
        return f"{self.kind}-{self.command}{when}"

    @classmethod
    def read(cls, text: str | None) -> Self | None:
        """Return what an address names; None where it names nothing of ours."""
        found = _ADDRESS.fullmatch(text or "")
        if found is None or found[1] not in KINDS:
            return None
        return cls(found[1], EventId(found[2]), datetime.fromtimestamp(int(found[3]), UTC) if found[3] else None)

    def is_overdue(self, now: datetime) -> bool:
        """Say whether its outcome has been awaited for so long that none may ever come."""
        return self.at is not None and now - self.at > AWAITED_FOR
