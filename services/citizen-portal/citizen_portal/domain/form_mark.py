"""The mark that each rendering of the form bears: the same form sent twice is one message. Pure.

It is signed and dated, so that a robot cannot make marks, nor fill a form in no time; it names nobody.
"""

import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final

VALID: Final = timedelta(hours=24)
_SIGNATURE = 32  # hex digits: 128 bits


def new_mark(key: bytes, now: datetime) -> str:
    """Return a mark for a form that is shown now."""
    body = f"{int(now.timestamp())}.{secrets.token_hex(16)}"
    return f"{body}.{_sign(key, body)}"


def is_valid(key: bytes, mark: str, now: datetime) -> bool:
    """Say whether we made this mark, and not too long ago."""
    body, _, signature = mark.rpartition(".")
    if not hmac.compare_digest(_sign(key, body).encode(), signature.encode()):
        return False
    return timedelta(0) <= now - datetime.fromtimestamp(int(body.partition(".")[0]), now.tzinfo) <= VALID


def _sign(key: bytes, body: str) -> str:
    return hmac.digest(key, f"guichet-portal-form:{body}".encode(), "sha256").hex()[:_SIGNATURE]
