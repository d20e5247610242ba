"""An agent's decision about a suspended mail as a command, under an id that a double click does not change. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from guichet.ids import AgentId, EventId, MessageId, derive_id

RELEASED, SPAM = "liberation", "indesirable"
"""By which form it was given, as an address names it (`given_command.KINDS`)."""


@dataclass(frozen=True)
class MailDecision:
    """Who decides what about which mail. once: from the form."""

    agent: AgentId
    message: MessageId
    kind: str
    once: str

    @property
    def command_id(self) -> EventId:
        """The id of the command."""
        return EventId(derive_id("mail-command", self.kind, self.agent, self.message, self.once))

    def given(self, at: datetime) -> dict[str, Any]:
        """Return what every command of the decision says. at: aware UTC."""
        return {
            "event_id": self.command_id,
            "occurred_at": at,
            "message_id": self.message,
            "issued_by": self.agent,
        }
