"""The newest refresh token of an account, sealed for the store under a key that only ingest-email has.

Beside it lies from which one it came, so that a token that the town sets anew counts at once.
"""

import hashlib
import json
import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from guichet.privacy.framed_bytes import framed

NONCE_BYTES: Final = 12  # random; a token a day is far below the 2³² seals of SP 800-38D 8.3


def seal_token(key: bytes, account: str, token: str, came_from: str) -> bytes:
    """Return a token, sealed for this account. came_from: what the town set."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    plain = json.dumps({"token": token, "from": _name(came_from)}).encode()
    return nonce + AESGCM(key).encrypt(nonce, plain, framed("mailbox-token", account))


def open_token(key: bytes, account: str, sealed: bytes, came_from: str) -> str | None:
    """Return the token; None where it came from another than the town sets now, or was sealed under another key."""
    try:
        said = json.loads(
            AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], framed("mailbox-token", account))
        )
    except (InvalidTag, ValueError):
        return None
    return str(said["token"]) if said["from"] == _name(came_from) else None


def _name(token: str) -> str:
    return hashlib.sha256(framed("mailbox-token", token)).hexdigest()
