"""What the browser holds and what we derive from it. Pure.

The cookie is a random token. Its HMAC names the session in the store, another HMAC guards forms: neither can be made
without the key, and a page that leaks its form token opens no session.
"""

import hmac
import re
import secrets
from typing import Final

_TOKEN: Final = re.compile(r"[\w-]{43}", re.ASCII)


def new_token() -> str:
    """Return a token for a cookie, 256 bits."""
    return secrets.token_urlsafe(32)


def is_token(given: str) -> bool:
    """Say whether a cookie holds what `new_token` makes."""
    return _TOKEN.fullmatch(given) is not None


def session_id(key: bytes, token: str) -> str:
    """Return the name of the token's session in the store."""
    return _mac(key, "session", token)


def pending_id(key: bytes, token: str) -> str:
    """Return the name of a sign-in that lacks its second factor: as a session's token, the same token names nothing."""
    return _mac(key, "pending", token)


def form_token(key: bytes, token: str) -> str:
    """Return what every form of this browser must carry (cross-site request forgery)."""
    return _mac(key, "form", token)


def is_form_token(key: bytes, token: str, given: str) -> bool:
    """Say whether a form was made for this browser."""
    return hmac.compare_digest(form_token(key, token).encode(), given.encode())


def _mac(key: bytes, use: str, token: str) -> str:
    return hmac.digest(key, f"guichet-desk-{use}:{token}".encode(), "sha256").hex()
