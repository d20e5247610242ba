"""How Twilio signs for this town."""

from collections.abc import Mapping

from guichet.channel.payload import Payload
from guichet_twilio.read.form import read_form
from guichet_twilio.read.signature import TwilioSignature
from guichet_twilio.settings import TwilioSettings


def signature_of(settings: TwilioSettings) -> TwilioSignature:
    """Return how Twilio signs what it posts to this town."""
    shared_key = settings.twilio_webhook_key
    return TwilioSignature(
        public_url=str(settings.twilio_public_url),
        auth_token=settings.twilio_auth_token.get_secret_value(),
        shared_key=shared_key.get_secret_value() if shared_key else None,
    )


def sign(settings: TwilioSettings, payload: Payload) -> Mapping[str, str]:
    """Return the headers with which Twilio would post this form now."""
    proof = signature_of(settings).sign(payload.target, read_form(payload.body))
    return {**proof, "Content-Type": "application/x-www-form-urlencoded"}
