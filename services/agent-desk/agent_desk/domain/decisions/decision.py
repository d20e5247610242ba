"""An agent's decision as a command, under an id that a double click does not change. Pure.

The id covers what was decided: the same form sent twice is one command, and a text that was changed after an outage is
a command of its own, because nobody knows whether the first one arrived and nothing may be dropped unseen.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from guichet.ids import AgentId, CaseId, EventId, MessageId, derive_id

LONGEST_ANSWER = 20_000  # characters; a long letter has 5,000
LONGEST_REASON = 1_000
_ONCE = re.compile(r"[0-9a-f]{32}")


def new_once() -> str:
    """Return what makes one rendering of a form unlike every other."""
    return secrets.token_hex(16)


def is_once(given: str) -> bool:
    """Say whether a form carries what `new_once` made."""
    return _ONCE.fullmatch(given) is not None


@dataclass(frozen=True)
class Sheet:
    """One rendering of a case's forms. once: what makes it unlike every other.

    shown: the newest message or decision that its page showed; None: a page from before pages said so.
    """

    once: str
    shown: str | None = None


@dataclass(frozen=True)
class Decision:
    """Who decides what about which case. once: from the form. content: keyed digest of what the form says.

    shown: see Sheet. It is no part of the command's id: a form that is sent again after an outage, on a page that shows
    more by then, is the same decision.
    """

    agent: AgentId
    case: CaseId
    kind: str
    once: str
    content: str
    shown: str | None = None

    @property
    def command_id(self) -> EventId:
        """The id of the command."""
        return EventId(derive_id("command", self.kind, self.agent, self.case, self.once, self.content))

    def given(self, at: datetime) -> dict[str, Any]:
        """Return what every command of the decision says. at: aware UTC."""
        return {
            "event_id": self.command_id,
            "occurred_at": at,
            "case_id": self.case,
            "issued_by": self.agent,
            "shown": self.shown,
        }

    @property
    def outbound_id(self) -> MessageId:
        """The id of the answer that the command sends."""
        return outbound_of(self.command_id)


def outbound_of(command: EventId) -> MessageId:
    """Return the id of the answer that a command sends."""
    return MessageId(derive_id("outbound", command))
