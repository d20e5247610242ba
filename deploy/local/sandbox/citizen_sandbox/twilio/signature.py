"""Sign a webhook as Twilio does. Source: twilio.com/docs/usage/webhooks/webhooks-security."""

import base64
import hashlib
import hmac
from collections.abc import Mapping


def sign(url: str, form: Mapping[str, str], auth_token: str) -> str:
    """Return the X-Twilio-Signature of a form posted to `url`.

    url: the whole public address, query included, exactly as the town registered it.
    The signed text is the url followed by every name and value, sorted by name, with nothing between.
    SHA-1 is Twilio's choice, not ours.
    """
    signed = url + "".join(name + form[name] for name in sorted(form))
    digest = hmac.new(auth_token.encode(), signed.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()
