"""How keys lie in the vault: a data key under a bucket's key or a parcel's, those under the root or the vault's pair.

    root key (a file) ─┬─ bucket key (1,024 of them) ── data keys of those who may open        form "bucket"
                       └─ private half ─ HPKE ─ parcel key ── data keys made by adapters       form "hpke"

AES key wrap is RFC 3394; HPKE is RFC 9180, base mode, X25519. One parcel serves a bulk of keys: opening costs 50 µs a
parcel instead of 50 µs a key. Pure.
"""

import re
import secrets
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from guichet.errors import TamperedError
from guichet.ids import KeyId
from guichet.vault.sealing import KEY_BYTES, DataKey

BUCKETS = 1024  # a rotation re-wraps what shares a bucket with a destroyed key: a thousandth of the vault
OF_A_SEARCH_FILE: Final = (
    "5ea2c4f11e50"  # what the id of a search file's key begins with: 48 bits, by chance no other's
)

_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_PURPOSE: Final = b"guichet vault parcel"


@dataclass(frozen=True)
class Parcel:
    """A key for one bulk of data keys, in clear and sealed to the vault."""

    secret: bytes = field(repr=False)
    sealed: bytes


def bucket_of(key_id: KeyId) -> int:
    """Return the key's bucket, 0 to 1,023: ten bits of its id, so that a bucket is a range of ids."""
    return int(key_id[:3], 16) >> 2


def ids_of_bucket(bucket: int) -> tuple[str, str]:
    """Return the range of ids that is a bucket: the first, and the end, which lies past the last."""
    return f"{bucket << 2:03x}", f"{(bucket + 1) << 2:03x}" if bucket + 1 < BUCKETS else "g"


def new_keys_in(bucket: int, count: int) -> list[DataKey]:
    """Make random keys of one bucket: neighbours in the vault's index, under one wrapping key to look up."""
    return [DataKey(_key_id_in(bucket), secrets.token_bytes(KEY_BYTES)) for _ in range(count)]


def _key_id_in(bucket: int) -> KeyId:
    return KeyId(f"{bucket << 118 | secrets.randbits(118):032x}")


def new_search_key() -> DataKey:
    """Make a random key of a search file: its id says so, and all of them share a bucket."""
    return DataKey(KeyId(OF_A_SEARCH_FILE + secrets.token_hex(10)), secrets.token_bytes(KEY_BYTES))


def is_search_key(key_id: KeyId) -> bool:
    """Say whether a key is a search file's."""
    return re.fullmatch(f"{OF_A_SEARCH_FILE}[0-9a-f]{{20}}", key_id) is not None


def wrap_key(outer: bytes, inner: bytes) -> bytes:
    """Wrap a 32-byte key under another."""
    return aes_key_wrap(outer, inner)


def unwrap_key(outer: bytes, wrapped: bytes) -> bytes:
    """Unwrap a key. Raises TamperedError when it was not wrapped under `outer`."""
    try:
        return aes_key_unwrap(outer, wrapped)
    except (InvalidUnwrap, ValueError) as exc:  # ValueError: under a key that is none (a broken parcel's)
        raise TamperedError("a wrapped key does not open") from exc


def new_pair() -> tuple[bytes, bytes]:
    """Make the vault's pair: private half and public half, 32 bytes each."""
    private = X25519PrivateKey.generate().private_bytes_raw()
    return private, public_half(private)


def public_half(private: bytes) -> bytes:
    """Return the public half of a pair."""
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def new_parcel(public: bytes) -> Parcel:
    """Make a parcel that only the holder of the private half opens again."""
    secret = secrets.token_bytes(KEY_BYTES)
    return Parcel(secret, _SUITE.encrypt(secret, X25519PublicKey.from_public_bytes(public), info=_PURPOSE))


def parcel_secret(private: bytes, sealed: bytes) -> bytes:
    """Return a parcel's secret; one that somebody changed holds none (b""), and its keys alone are broken."""
    try:
        return open_parcel(private, sealed)
    except TamperedError:
        return b""


def open_parcel(private: bytes, sealed: bytes) -> bytes:
    """Return a parcel's secret. Raises TamperedError."""
    try:
        return _SUITE.decrypt(sealed, X25519PrivateKey.from_private_bytes(private), info=_PURPOSE)
    except (InvalidTag, ValueError) as exc:
        raise TamperedError("a parcel of keys does not open") from exc
