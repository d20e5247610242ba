"""Whether what a token claims is for us, of now, and the answer to what we asked. Pure.

Whose it is was found out before, by its signature (`signatures.py`).
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from agent_desk.domain.sign_in.openid.client import Client
from agent_desk.domain.sign_in.openid.errors import RefusedAnswerError
from agent_desk.domain.sign_in.openid.signatures import Claims
from agent_desk.domain.sign_in.openid.started import StartedSignIn

LEEWAY: Final = timedelta(minutes=1)  # two machines' clocks
LOGOUT_TAKEN_FOR: Final = timedelta(minutes=5)  # after it was written: a provider tries again, and not for long
LONGEST_NAME: Final = 255  # characters of `sub` (Core 2), and what we take of other names
_LAST_SECOND: Final = 253_000_000_000  # of the year 9987, past which Python has no dates
LOGOUT_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"


@dataclass(frozen=True)
class SignedOut:
    """Whose sessions a provider ended: of one person, or one of theirs. token_id: a provider gives each once."""

    subject: str | None = field(repr=False)
    provider_session: str | None = field(repr=False)
    token_id: str


def check_id_token(claims: Claims, *, client: Client, started: StartedSignIn, access_token: str, now: datetime) -> str:
    """Return who signed in, by the provider's own name of them (Core 3.1.3.7). Raises RefusedAnswerError."""
    _check_who_and_when(claims, client, now)
    _require(_moment(claims, "exp") + LEEWAY > now, "expired")
    _require(_moment(claims, "iat") >= started.began - LEEWAY, "from-before")
    _require(_same(claims.get("nonce"), started.nonce), "wrong-nonce")
    if "at_hash" in claims:
        _require(_is_hash_of(claims["at_hash"], access_token), "wrong-access-token")
    return _subject(claims)


def check_user_info(claims: Claims, *, client: Client, subject: str, signed: bool, now: datetime) -> None:
    """Refuse what is said of somebody else (Core 5.3.2). signed: it came as a token, which is for us or for nobody."""
    if signed:
        _require(claims.get("iss") == client.issuer, "wrong-issuer")
        _check_audience(claims, client)
        _require("exp" not in claims or _moment(claims, "exp") + LEEWAY > now, "expired")
    _require(_same(claims.get("sub"), subject), "someone-else")


def check_logout(claims: Claims, *, client: Client, now: datetime) -> SignedOut:
    """Return whom the provider signed out (Back-Channel Logout 2.6). Raises RefusedAnswerError."""
    _check_who_and_when(claims, client, now)
    _require(_moment(claims, "iat") + LOGOUT_TAKEN_FOR > now, "expired")
    _require("exp" not in claims or _moment(claims, "exp") + LEEWAY > now, "expired")
    events = claims.get("events")
    _require(isinstance(events, dict) and isinstance(events.get(LOGOUT_EVENT), dict), "no-logout")
    _require("nonce" not in claims, "no-logout")  # an ID token is none, however its events read
    subject = _subject(claims) if "sub" in claims else None
    session = _name(claims.get("sid")) if "sid" in claims else None
    _require(subject is not None or session is not None, "no-logout")
    return SignedOut(subject, session, _name(claims.get("jti")))


def session_of(claims: Claims) -> str | None:
    """Return the provider's name of its session with the browser, if it says so."""
    session = claims.get("sid")
    return str(session) if _is_name(session) else None


def is_strong(claims: Claims, client: Client) -> bool:
    """Say whether two factors were shown. Only `acr` says so, by a value that the operator named."""
    return isinstance(claims.get("acr"), str) and claims["acr"] in client.strong


def _check_who_and_when(claims: Claims, client: Client, now: datetime) -> None:
    _require(claims.get("iss") == client.issuer, "wrong-issuer")
    _check_audience(claims, client)
    _require(_moment(claims, "iat") <= now + LEEWAY, "from-the-future")


def _check_audience(claims: Claims, client: Client) -> None:
    """One that is for others, too, may have come by them."""
    audience = claims.get("aud")
    _require(audience in (client.client_id, [client.client_id]), "wrong-audience")
    _require(claims.get("azp", client.client_id) == client.client_id, "wrong-audience")


def _subject(claims: Claims) -> str:
    return _name(claims.get("sub"))


def _name(said: Any) -> str:
    _require(_is_name(said), "no-name")
    return str(said)


def _is_name(said: Any) -> bool:
    """JSON may write half a sign (\\ud800), which is no text and has no digest."""
    return (
        isinstance(said, str)
        and 0 < len(said) <= LONGEST_NAME
        and not any("\ud800" <= each <= "\udfff" for each in said)
    )


def _moment(claims: Claims, name: str) -> datetime:
    said = claims.get(name)
    if not isinstance(said, int | float) or isinstance(said, bool) or not 0 <= said < _LAST_SECOND:
        raise RefusedAnswerError("no-date")
    return datetime.fromtimestamp(said, UTC)


def _is_hash_of(said: Any, access_token: str) -> bool:
    """Core 3.1.3.6: the left half of the hash that the signature's algorithm uses."""
    halves = (hashlib.new(name, access_token.encode()).digest() for name in ("sha256", "sha384", "sha512"))
    return any(_same(said, urlsafe_b64encode(each[: len(each) // 2]).rstrip(b"=").decode()) for each in halves)


def _same(said: Any, expected: str) -> bool:
    return isinstance(said, str) and hmac.compare_digest(said.encode(errors="replace"), expected.encode())


def _require(holds: bool, reason: str) -> None:
    if not holds:
        raise RefusedAnswerError(reason)
