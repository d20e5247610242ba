"""A case's link: one secret, and what follows from it.

The secret is in the address that the citizen was sent and, sealed, in the case; nowhere else. Three values come from
it, each by an HMAC under a domain of its own, so that none of them leads to another or back to the secret:

    lookup    the name under which the view of the case is stored; who reads it cannot open the page
    view key  what the notifier seals the page under, and the portal opens it with while somebody reads
    proof     of a citizen's command: that who gave it held the link (docs/decisions/0015)
"""

import base64
import binascii
import hmac
import re
import secrets
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from guichet.privacy.framed_bytes import framed
from guichet.runtime.telemetry.tampering_alarm import tampered

SECRET_BYTES: Final = 24  # 192 bits: a link that nobody finds by trying
LOOKUP_BYTES: Final = 16
_NONCE_BYTES: Final = 12  # random; one view is sealed a few dozen times (NIST SP 800-38D 8.3)
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{32}", re.ASCII)


@dataclass(frozen=True)
class FollowLink:
    """secret: 24 bytes, never shown."""

    secret: bytes = field(repr=False)
    FAMILY: ClassVar[str] = "guichet-follow-link"

    @property
    def token(self) -> str:
        """What stands in the address of the page, URL-safe."""
        return base64.urlsafe_b64encode(self.secret).decode()

    @cached_property
    def lookup(self) -> str:
        """The view's `_id`, and what the case stores in clear."""
        return self._derived("lookup")[:LOOKUP_BYTES].hex()

    def proof(self, command_id: str) -> bytes:
        """Return what shows that whoever gives this command holds the link; of use for no other command."""
        return hmac.digest(self._derived("proof"), framed("command", command_id), "sha256")

    def proves(self, command_id: str, proof: bytes) -> bool:
        """Say whether a command's proof was made with this link."""
        return hmac.compare_digest(self.proof(command_id), proof)

    def seal(self, plain: bytes, *bound_to: str) -> bytes:
        """Seal a page for whoever holds the link. bound_to: what stands beside it in clear, on which it opens."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, self._bound(bound_to))

    def open(self, box: bytes, *bound_to: str) -> bytes:
        """Open a page. Raises TamperedError when it was not sealed for this link, or stands beside other values."""
        try:
            return self._cipher.decrypt(box[:_NONCE_BYTES], box[_NONCE_BYTES:], self._bound(bound_to))
        except (InvalidTag, ValueError) as exc:  # ValueError: cut short
            raise tampered("follow-view", "a follow view does not open") from exc

    @cached_property
    def _cipher(self) -> AESGCM:
        return AESGCM(self._derived("view"))

    def _bound(self, values: tuple[str, ...]) -> bytes:
        return framed("follow-view", self.lookup, *values)

    def _derived(self, domain: str) -> bytes:
        """HKDF's last step (RFC 5869 2.3): the secret is uniform already, and one block is enough."""
        return hmac.digest(self.secret, framed(self.FAMILY, domain), "sha256")


class QuestionLink(FollowLink):
    """The link of a question (docs/decisions/0108): of another family, so that neither page opens the other's."""

    FAMILY = "guichet-question-link"


def new_question_link() -> QuestionLink:
    """Make a link that nobody has yet."""
    return QuestionLink(secrets.token_bytes(SECRET_BYTES))


def new_follow_link() -> FollowLink:
    """Make a link that nobody has yet."""
    return FollowLink(secrets.token_bytes(SECRET_BYTES))


def read_follow_link(token: str) -> FollowLink | None:
    """Return the link of a token, or None for what no link of ours can look like."""
    secret = _secret_of(token)
    return None if secret is None else FollowLink(secret)


def read_question_link(token: str) -> QuestionLink | None:
    """Return the link of a question's token, or None for what no link of ours can look like."""
    secret = _secret_of(token)
    return None if secret is None else QuestionLink(secret)


def _secret_of(token: str) -> bytes | None:
    if _TOKEN.fullmatch(token) is None:
        return None
    try:
        return base64.urlsafe_b64decode(token)
    except binascii.Error:
        return None
