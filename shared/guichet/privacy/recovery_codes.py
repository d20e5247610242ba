"""Recovery codes: on paper, for who has lost the telephone that makes the codes. Each opens once.

Random as a password that an operator gives (79 bits). A salted hash is kept that is slow (NIST SP 800-63B, 5.1.2.2),
though less than of a password that somebody chose: who adds a telephone waits for eight. One salt for all codes of an
agent, so that a typed code is hashed once and looked for among them.
"""

import re
import secrets
from collections.abc import Sequence
from typing import Final

from argon2.low_level import Type, hash_secret_raw

from guichet.privacy.passwords import new_password

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
