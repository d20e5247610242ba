"""Where Twilio reaches the town: under the public base URL of its host."""

from typing import Final

TWILIO_MESSAGES: Final = "/webhooks/twilio/messages"
TWILIO_STATUS: Final = "/webhooks/twilio/status"  # with ?outbound_id=…
