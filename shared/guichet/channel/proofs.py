"""How a provider shows that a payload is its own, and how the same is shown in its place. Pure.

A channel's `verify` and `sign` use one of these, or the provider's own library.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from guichet.channel.payload import Payload
from guichet.channel.refusals import UnverifiedSourceError
from guichet.errors import SettingsError

TOLERANCE: Final = timedelta(minutes=5)  # how far the provider's clock may be off; what is older may be a copy

_KEY_BYTES: Final = 24  # at least, by the same specification


class Proof(Protocol):
    """`verify` looks at headers that the webhook names, as `proof` or, where they say more, as `keeps`."""

    def verify(self, payload: Payload) -> None:
        """Raise UnverifiedSourceError unless the provider sent this."""

    def sign(self, payload: Payload) -> Mapping[str, str]:
        """Return the headers with which the provider would post this now (payload.at)."""


class NoProof(Proof):
    """The provider shows nothing: anybody can write in anybody's name, so `vouched_by` is nobody."""

    def verify(self, payload: Payload) -> None:  # noqa: ARG002
        return

    def sign(self, payload: Payload) -> Mapping[str, str]:  # noqa: ARG002
        return {}


class Token(Proof):
    """The secret itself, in a header. Raises SettingsError for one that no header carries as it is (RFC 9110 5.5)."""

    def __init__(self, header: str, secret: str) -> None:
        if not secret.isascii():
            raise SettingsError(f"the secret of {header} has letters that no header carries: use ASCII alone.")
        self._header = header
        self._secret = secret

    def verify(self, payload: Payload) -> None:
        _check(_given(payload, self._header), self._secret)

    def sign(self, payload: Payload) -> Mapping[str, str]:  # noqa: ARG002
        return {self._header: self._secret}


class HmacSha256(Proof):
    """HMAC-SHA-256 of the body in hexadecimal, in a header, after `prefix` (such as `sha256=`)."""

    def __init__(self, header: str, secret: str, prefix: str = "") -> None:
        self._header = header
        self._secret = secret.encode()
        self._prefix = prefix

    def verify(self, payload: Payload) -> None:
        _check(_given(payload, self._header), self._of(payload.body))

    def sign(self, payload: Payload) -> Mapping[str, str]:
        return {self._header: self._of(payload.body)}

    def _of(self, body: bytes) -> str:
        return self._prefix + hmac.new(self._secret, body, hashlib.sha256).hexdigest()


class StandardWebhooks(Proof):
    """Over id, time and body; while a secret is changed, by several signatures side by side.

    Source: github.com/standard-webhooks/standard-webhooks, spec, "Signature scheme", symmetric (v1).
    """

    KEPT: Final = ("webhook-id",)
    PROOF: Final = ("webhook-timestamp", "webhook-signature")
    HEADERS: Final = (*KEPT, *PROOF)

    def __init__(self, secret: str) -> None:
        """secret: `whsec_` and the key in base64. Raises SettingsError for one that is not base64, or too short."""
        try:
            self._key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except ValueError:
            self._key = b""
        if len(self._key) < _KEY_BYTES:
            raise SettingsError("the secret of a Standard Webhook is whsec_ and a key of 24 bytes or more in base64.")

    def verify(self, payload: Payload) -> None:
        message_id, stamped, signatures = (_given(payload, name) for name in self.HEADERS)
        if abs(payload.at - _moment(stamped)) > TOLERANCE:
            raise UnverifiedSourceError("webhook-timestamp is not of now")
        signature = self._of(message_id, stamped, payload.body)
        if not any(_is_same(each, signature) for each in signatures.split(" ")):
            raise UnverifiedSourceError("not the provider's signature")

    def sign(self, payload: Payload) -> Mapping[str, str]:
        """The id is that which the payload came with; the time is another, and so is the signature."""
        by_body = f"msg_{hashlib.sha256(payload.body).hexdigest()[:24]}"
        message_id, stamped = payload.headers.get("webhook-id", by_body), str(int(payload.at.timestamp()))
        signature = self._of(message_id, stamped, payload.body)
        return dict(zip(self.HEADERS, (message_id, stamped, signature), strict=True))

    def _of(self, message_id: str, stamped: str, body: bytes) -> str:
        signed = b".".join((message_id.encode(), stamped.encode(), body))
        return f"v1,{base64.b64encode(hmac.new(self._key, signed, hashlib.sha256).digest()).decode()}"


def _moment(stamped: str) -> datetime:
    """Return the moment that seconds since 1970 name. Raises UnverifiedSourceError where they name none."""
    if not stamped.isascii() or not stamped.isdecimal() or len(stamped) > 12:
        raise UnverifiedSourceError("webhook-timestamp is not a time")
    try:
        return datetime.fromtimestamp(int(stamped), UTC)
    except (ValueError, OverflowError, OSError):  # past the year 9999: which of them, the platform says
        raise UnverifiedSourceError("webhook-timestamp is not a time") from None


def _given(payload: Payload, header: str) -> str:
    return payload.headers.get(header.lower(), "")


def _check(given: str, expected: str) -> None:
    if not _is_same(given, expected):
        raise UnverifiedSourceError("not the provider's signature or secret")


def _is_same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())
