"""How a provider shows that a payload is its own. Pure but for the clock."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Final

from citizen_sandbox.play.clock import now

# secret, body, the provider's id of the message → the headers that go with it
Sign = Callable[[str, bytes, str], Mapping[str, str]]

_WHSEC: Final = "whsec_"


def no_proof(_secret: str, _body: bytes, _message_id: str) -> Mapping[str, str]:
    """Prove nothing."""
    return {}


def token(header: str) -> Sign:
    """Send the secret itself in a header."""
    return lambda secret, _body, _message_id: {header: secret}


def hmac_sha256(header: str, prefix: str = "") -> Sign:
    """Sign the body: hexadecimal, after `prefix` (such as `sha256=`)."""

    def sign(secret: str, body: bytes, _message_id: str) -> Mapping[str, str]:
        return {header: prefix + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}

    return sign


def standard_webhooks(secret: str, body: bytes, message_id: str) -> Mapping[str, str]:
    """Sign id, time and body. Source: github.com/standard-webhooks/standard-webhooks, spec, "Signature scheme".

    secret: `whsec_` and the key in base64. Raises ValueError for one that is not base64.
    """
    stamped = str(int(now().timestamp()))
    signed = b".".join((message_id.encode(), stamped.encode(), body))
    digest = hmac.new(base64.b64decode(secret.removeprefix(_WHSEC)), signed, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {"webhook-id": message_id, "webhook-timestamp": stamped, "webhook-signature": signature}
