"""Passwords of local accounts: Argon2id with the library's parameters (RFC 9106, low memory), made and checked here.

Recovery codes, on paper, are for who has lost the telephone that makes the codes. Each opens once. Random as a password
that an operator gives (79 bits). A salted hash is kept that is slow (NIST SP 800-63B, 5.1.2.2), though less than of a
password that somebody chose: who adds a telephone waits for eight. One salt for all codes of an agent, so that a typed
code is hashed once and looked for among them.
"""

import re
import secrets
from collections.abc import Sequence
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type, hash_secret_raw

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


NUMBER: Final = 8
_KIBIBYTES: Final = 8 * 1024
_LIKE_ONE: Final = re.compile(r"([a-z0-9]{4})-?([a-z0-9]{4})-?([a-z0-9]{4})-?([a-z0-9]{4})", re.ASCII)


def new_recovery_codes() -> Sequence[str]:
    """Return as many as an agent gets at a time."""
    return [new_password() for _ in range(NUMBER)]


def new_salt() -> bytes:
    """Return a salt for an agent's codes."""
    return secrets.token_bytes(16)


def recovery_code_in(typed: str) -> str | None:
    """Return a recovery code as it was given out, however it was typed; None where it can be none."""
    found = _LIKE_ONE.fullmatch("".join(typed.split()).lower())
    return "-".join(found.groups()) if found else None


def hash_recovery_code(code: str, salt: bytes) -> str:
    """Return the hash to keep, or to look for (Argon2id). Takes about 5 ms and 8 MiB on purpose."""
    return hash_secret_raw(
        code.encode(), salt, time_cost=1, memory_cost=_KIBIBYTES, parallelism=1, hash_len=32, type=Type.ID
    ).hex()
