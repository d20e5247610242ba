"""Seal personal fields under the random key of the thing they belong to (AES-256-GCM, docs/decisions/0003).

The associated data is the thing's kind, its own id and the field, so that no sealed value can stand in for another;
it names no owner, so that merging two citizens or handing over a case re-encrypts nothing.
"""

import secrets
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from guichet.contracts.base import Sealed
from guichet.ids import KeyId
from guichet.privacy.framed_bytes import framed
from guichet.runtime.telemetry.tampering_alarm import key_missing, tampered

NONCE_BYTES = 12  # random; a key seals a handful of fields, far below the 2³² that NIST SP 800-38D 8.3 allows
KEY_BYTES = 32


@dataclass(frozen=True)
class Thing:
    """What can be erased alone. kind: "message", "case", "citizen", "identifier", "dead-letter" or "second-factor"."""

    kind: str
    thing_id: str


@dataclass(frozen=True, slots=True)
class DataKey:
    """The key of one thing, in memory only. secret: 32 bytes, never shown; none where it is broken or not held."""

    key_id: KeyId
    secret: bytes = field(repr=False)
    is_held: bool = True


def broken_key(key_id: KeyId) -> DataKey:
    """Return what stands for a key whose own wrapping was changed: whatever is sealed under it is tampered with.

    It is no destroyed key: what was sealed under it is not erased, and nothing is sealed under it any more.
    """
    return DataKey(key_id, b"")


def missing_key(key_id: KeyId) -> DataKey:
    """Return what stands for a key that the vault never held: what is sealed under it waits for the vault that does."""
    return DataKey(key_id, b"", is_held=False)


def new_data_key() -> DataKey:
    """Make a random key under a random id. It is of use only once a vault holds it."""
    return DataKey(KeyId(secrets.token_hex(16)), secrets.token_bytes(KEY_BYTES))


def seal(key: DataKey, thing: Thing, field: str, plain: bytes) -> Sealed:
    """Seal one field of a thing under its key. Raises UnopenableError for a key that is broken or not held."""
    return Sealed(key_id=key.key_id, box=_seal(key, thing, field, plain))


def unseal(key: DataKey, thing: Thing, field: str, sealed: Sealed) -> bytes:
    """Open one field. Raises TamperedError when it was not sealed for this thing and field under
    this key, KeyMissingError where the vault does not hold that."""
    if sealed.key_id != key.key_id:
        raise tampered(thing.kind, f"{thing.kind} {thing.thing_id}: {field} is sealed under another key")
    return _unseal(key, thing, field, sealed.box)


def _seal(key: DataKey, thing: Thing, field: str, plain: bytes) -> bytes:
    _check(key, thing)
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key.secret).encrypt(nonce, plain, framed(thing.kind, thing.thing_id, field))


def _check(key: DataKey, thing: Thing) -> None:
    if not key.is_held:
        raise key_missing(thing.kind, f"{thing.kind} {thing.thing_id}: the vault never held its key {key.key_id}")
    if not key.secret:
        raise tampered(thing.kind, f"{thing.kind} {thing.thing_id}: its key is broken")


def _unseal(key: DataKey, thing: Thing, field: str, box: bytes) -> bytes:
    _check(key, thing)
    nonce, ciphertext = box[:NONCE_BYTES], box[NONCE_BYTES:]
    try:
        return AESGCM(key.secret).decrypt(nonce, ciphertext, framed(thing.kind, thing.thing_id, field))
    except (InvalidTag, ValueError) as exc:  # ValueError: cut short
        raise tampered(thing.kind, f"{thing.kind} {thing.thing_id}: {field} does not open") from exc
