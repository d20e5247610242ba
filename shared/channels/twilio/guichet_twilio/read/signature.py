"""Whether a webhook comes from Twilio. Source: twilio.com/docs/usage/webhooks/webhooks-security.

The signature covers the address under which Twilio knows us. Behind a proxy the request shows another one, so the
configured public address is used, with the request's own path and query.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from twilio.request_validator import (
    HMAC_SHA1,
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)

from guichet.channel.refusals import UnverifiedSourceError
from ingest_sms.domain.form import Form


@dataclass(frozen=True)
class TwilioSignature:
    """public_url: base address as Twilio sees it. shared_key: signs instead of the auth token where a rule says so."""

    public_url: str
    auth_token: str = field(repr=False)
    shared_key: str | None = field(default=None, repr=False)

    def verify(self, target: str, form: Form, headers: Mapping[str, str]) -> None:
        """Raise UnverifiedSourceError unless Twilio signed this form. target: path and query exactly as requested."""
        algorithm = get_signature_algorithm(headers.get(SIGNATURE_SETTINGS_HEADER, ""))
        secret = self.auth_token if algorithm == HMAC_SHA1 else self.shared_key or self.auth_token
        address = self.public_url.rstrip("/") + target
        signature = headers.get(SIGNATURE_HEADER, "")
        if not RequestValidator(secret).validate(address, form, signature, algorithm):
            raise UnverifiedSourceError(
                "the signature is not Twilio's; does GUICHET_TWILIO_PUBLIC_URL match the webhook address?"
            )


def requested_target(scope: Mapping[str, Any]) -> str:
    """Return path and query of an ASGI request as they came over the wire, percent signs and all."""
    query = scope["query_string"].decode("latin-1")
    path = scope["raw_path"].decode("latin-1").partition("?")[0]
    return f"{path}?{query}" if query else path
