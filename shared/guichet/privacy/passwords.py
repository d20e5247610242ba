"""Passwords of local accounts: Argon2id with the library's parameters (RFC 9106, low memory), made and checked here."""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is mistaken for something else
_HASHER = PasswordHasher()
# An unknown account takes as long to refuse as a known one. Of a password that was thrown away, made once and for all:
# hashing at each start took 64 MiB and a quarter of a second.
NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$Vpb9Xv6B2Z8I4125D6mMmw$FxXQnuPrR0LheNyMeqqfEvkU7Ve8rpH0GFrBY8qay7Y"


def hash_password(password: str) -> str:
    """Return the hash to keep, salt included. Takes about 50 ms and 64 MiB on purpose."""
    return _HASHER.hash(password)


def password_matches(password_hash: str | None, password: str) -> bool:
    """Say whether a password is right. password_hash: None for an account that does not exist, which takes as long."""
    try:
        return _HASHER.verify(password_hash or NOBODY, password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(password_hash: str) -> bool:
    """Say whether a hash was made with weaker parameters than today's and should be made anew."""
    return _HASHER.check_needs_rehash(password_hash)


def new_password() -> str:
    """Return a random password that can be read aloud: four groups of four, 79 bits."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))
