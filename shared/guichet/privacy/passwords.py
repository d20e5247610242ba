"""Passwords of local accounts: Argon2id with the library's parameters (RFC 9106, low memory), made and checked here."""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is mistaken for something else
_HASHER = PasswordHasher()
_NOBODY = _HASHER.hash(secrets.token_hex(16))  # an unknown account takes as long to refuse as a known one


def hash_password(password: str) -> str:
    """Return the hash to keep, salt included. Takes about 50 ms and 64 MiB on purpose."""
    return _HASHER.hash(password)


def password_matches(password_hash: str | None, password: str) -> bool:
    """Say whether a password is right. password_hash: None for an account that does not exist, which takes as long."""
    try:
        return _HASHER.verify(password_hash or _NOBODY, password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(password_hash: str) -> bool:
    """Say whether a hash was made with weaker parameters than today's and should be made anew."""
    return _HASHER.check_needs_rehash(password_hash)


def new_password() -> str:
    """Return a random password that can be read aloud: four groups of four, 79 bits."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))
