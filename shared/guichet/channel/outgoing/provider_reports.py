"""Providers' words for what became of a message, in ours. Pure; tables, not branches.

Source: twilio.com/docs/messaging/api/message-resource#message-status-values and twilio.com/docs/api/errors.
"""

from typing import Final

from guichet.channel.outgoing.outcomes import Concluded
from guichet.contracts.delivery import DeliveryReported, DeliveryState

TWILIO_STATES: Final = {
    "accepted": DeliveryState.SENT,
    "scheduled": DeliveryState.SENT,
    "queued": DeliveryState.SENT,
    "sending": DeliveryState.SENT,
    "sent": DeliveryState.SENT,
    "delivered": DeliveryState.DELIVERED,
    "read": DeliveryState.READ,
    "undelivered": DeliveryState.FAILED,
    "failed": DeliveryState.FAILED,
    "canceled": DeliveryState.FAILED,
}
TWILIO_REASONS: Final = {
    "21211": "invalid-number",
    "21265": "invalid-number",
    "21408": "region-not-permitted",
    "21610": "unsubscribed",
    "21612": "unreachable",
    "21614": "not-a-mobile",
    "21617": "too-long",
    "30003": "unreachable",
    "30004": "blocked",
    "30005": "unknown-number",
    "30006": "landline",
    "30007": "filtered",
    "30008": "undelivered",
    "63003": "unknown-number",
    "63016": "outside-window",  # WhatsApp: more than 24 h after the citizen's last message
    "63024": "unknown-number",
}


def parse_report(reported: DeliveryReported) -> Concluded | None:
    """Return what a callback says, or None for a word that we do not know."""
    return parse_twilio(reported.status, reported.error_code, reported.provider_id)


def parse_twilio(status: str, error_code: str | None, provider_id: str) -> Concluded | None:
    """Return what a status of Twilio's message resource says, or None for a word that we do not know."""
    state = TWILIO_STATES.get(status.lower())
    if state is None:
        return None
    return Concluded(state, twilio_reason(error_code) if state is DeliveryState.FAILED else None, provider_id)


def twilio_reason(error_code: str | None) -> str:
    """Return our reason for an error code; one that the table lacks keeps its number."""
    return TWILIO_REASONS.get(error_code or "", f"twilio-{error_code}" if error_code else "undelivered")
