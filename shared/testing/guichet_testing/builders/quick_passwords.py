"""Passwords that are hashed as little as Argon2 may, for tests whose claim is not what a guess costs."""

from typing import Final

from argon2 import PasswordHasher

from guichet.privacy import passwords

QUICK: Final = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # the least that it takes; memory in KiB
_NOBODY: Final = QUICK.hash("nobody's")


def hashed_quickly() -> dict[str, object]:
    """Return what takes the place of what, by its name in `guichet.privacy.passwords`."""
    return {"_HASHER": QUICK, "NOBODY": _NOBODY}


def hash_quickly() -> None:
    """Hash like that in this process, from now on."""
    for name, quick in hashed_quickly().items():
        setattr(passwords, name, quick)
