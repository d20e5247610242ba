"""A sign-in that was begun and is at the provider: what the browser keeps of it until it comes back. Pure.

It lies in a cookie, with an HMAC: nothing is stored for who begins and never comes back. The cookie is sent along when
the provider sends the browser back (SameSite=Lax), which the session's is not.
"""

import hmac
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

LASTS: Final = timedelta(minutes=10)
LONGEST: Final = 2_000  # characters of the cookie


@dataclass(frozen=True)
class StartedSignIn:
    """state: ties the answer to this browser. nonce: ties the ID token to it. verifier: shows who asked (RFC 7636).

    wanted: the page that was asked for. at: seconds since 1970.
    """

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    wanted: str
    at: int

    @property
    def began(self) -> datetime:
        """When it was begun."""
        return datetime.fromtimestamp(self.at, UTC)


def start_sign_in(wanted: str, now: datetime) -> StartedSignIn:
    """Return a new one, 256 bits each."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    return StartedSignIn(state, nonce, verifier, wanted, int(now.timestamp()))


def write_started(key: bytes, started: StartedSignIn) -> str:
    """Return it for the cookie."""
    text = urlsafe_b64encode(json.dumps(asdict(started)).encode()).rstrip(b"=").decode()
    return f"{text}.{_seal(key, text)}"


def read_started(key: bytes, cookie: str, now: datetime) -> StartedSignIn | None:
    """Return what a cookie keeps; None where we did not write it, or too long ago."""
    text, _, seal = cookie[:LONGEST].partition(".")
    if not hmac.compare_digest(seal.encode(), _seal(key, text).encode()):
        return None
    started = StartedSignIn(**json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4))))
    return started if timedelta(0) <= now - started.began + timedelta(seconds=1) <= LASTS else None


def is_state_of(started: StartedSignIn, given: str) -> bool:
    """Say whether an answer is the one to this sign-in."""
    return hmac.compare_digest(started.state.encode(), given.encode())


def _seal(key: bytes, text: str) -> str:
    return hmac.digest(key, f"guichet-desk-started:{text}".encode(), "sha256").hex()
