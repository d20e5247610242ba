"""Whether a webhook comes from Twilio. Source: twilio.com/docs/usage/webhooks/webhooks-security.

The signature covers the address under which Twilio knows us. Behind a proxy the request shows another one, so the
configured public address is used, with the request's own path and query.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from twilio.request_validator import (
    HMAC_SHA1,
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)

from guichet.channel.refusals import UnverifiedSourceError
from guichet_twilio.read.form import Form

HEADERS: Final = (SIGNATURE_HEADER, SIGNATURE_SETTINGS_HEADER)


@dataclass(frozen=True)
class TwilioSignature:
    """public_url: base address as Twilio sees it. shared_key: signs instead of the auth token where a rule says so."""

    public_url: str
    auth_token: str = field(repr=False)
    shared_key: str | None = field(default=None, repr=False)

    def verify(self, target: str, form: Form, headers: Mapping[str, str]) -> None:
        """Raise UnverifiedSourceError unless Twilio signed this form.

        target: path and query exactly as requested. headers: their names in lower case.
        """
        algorithm = get_signature_algorithm(headers.get(SIGNATURE_SETTINGS_HEADER.lower(), ""))
        secret = self.auth_token if algorithm == HMAC_SHA1 else self.shared_key or self.auth_token
        address = self.public_url.rstrip("/") + target
        signature = headers.get(SIGNATURE_HEADER.lower(), "")
        if not RequestValidator(secret).validate(address, form, signature, algorithm):
            raise UnverifiedSourceError(
                "the signature is not Twilio's; does GUICHET_TWILIO_PUBLIC_URL match the webhook address?"
            )

    def sign(self, target: str, form: Form) -> dict[str, str]:
        """Return the header with which Twilio would post this form now, signed with the auth token."""
        address = self.public_url.rstrip("/") + target
        return {SIGNATURE_HEADER: RequestValidator(self.auth_token).compute_signature(address, form)}
