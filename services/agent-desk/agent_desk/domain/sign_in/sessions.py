"""What the browser holds and what we derive from it, and how long a sign-in lasts. Pure.

The cookie is a random token. Its HMAC names the session in the store, another HMAC guards forms: neither can be made
without the key, and a page that leaks its form token opens no session.
"""

import hmac
import re
import secrets
from datetime import datetime, timedelta
from typing import Final

from guichet.store.agents.sessions import Session

_TOKEN: Final = re.compile(r"[\w-]{43}", re.ASCII)
_FORM_TOKEN: Final = 32  # hex digits


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
    """Return what every form of this browser must carry (cross-site request forgery): 128 bits."""
    return _mac(key, "form", token)[:_FORM_TOKEN]


def is_form_token(key: bytes, token: str, given: str) -> bool:
    """Say whether a form was made for this browser; on a page from before an upgrade it stands twice as long."""
    return hmac.compare_digest(form_token(key, token).encode(), given[:_FORM_TOKEN].encode())


def _mac(key: bytes, use: str, token: str) -> str:
    return hmac.digest(key, f"guichet-desk-{use}:{token}".encode(), "sha256").hex()


LONGEST: Final = timedelta(hours=11)  # a working day; sessions of the data map say half a day
IDLE: Final = timedelta(hours=2)  # a lunch break does not lose what was typed
PENDING: Final = timedelta(minutes=10)  # from the password to the code: time to find the telephone
NOTED_EVERY: Final = timedelta(minutes=1)  # a write for every click would help nobody


def is_over(session: Session, now: datetime) -> bool:
    """Say whether the agent must sign in again."""
    return now >= session.ends_at or now - session.seen_at > IDLE


def is_worth_noting(session: Session, now: datetime) -> bool:
    """Say whether the session's last sighting is old enough to be written again."""
    return now - session.seen_at > NOTED_EVERY
