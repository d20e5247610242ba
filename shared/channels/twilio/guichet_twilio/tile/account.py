"""The town's account at the fake Twilio: who it is, what it sent and received."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from citizen_sandbox.play.clock import now
from guichet_twilio.tile.messages import API_VERSION, ListFilter, TwilioMessages

WHATSAPP_WINDOW = timedelta(hours=24)  # free text only so long after the citizen's last message


@dataclass
class TwilioAccount:
    """number, whatsapp_number: E.164; the latter may be empty. api_url: where the SDKs find Twilio."""

    sid: str
    auth_token: str = field(repr=False)
    number: str
    whatsapp_number: str
    api_url: str
    messages: TwilioMessages = field(default_factory=TwilioMessages)

    @property
    def senders(self) -> frozenset[str]:
        """The addresses from which the town may send."""
        whatsapp = {f"whatsapp:{self.whatsapp_number}"} if self.whatsapp_number else set()
        return frozenset({self.number} | whatsapp)

    def may_write_freely(self, recipient: str) -> bool:
        """Say whether WhatsApp lets free text through: the recipient wrote within the last 24 h."""
        since = now() - WHATSAPP_WINDOW
        return bool(self.messages.newest_first(ListFilter(sender=recipient, sent_from=since)))

    def to_json(self) -> dict[str, Any]:
        """Return the Account resource as the API shows it."""
        return {
            "sid": self.sid,
            "owner_account_sid": self.sid,
            "friendly_name": "Bac à sable",
            "status": "active",
            "type": "Full",
            "uri": f"/{API_VERSION}/Accounts/{self.sid}.json",
        }
