"""The passphrase of a sealed file: made here, shown once, kept nowhere. Pure but for chance."""

import re
import secrets
from typing import Final

_SIGNS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another when it is read out
_GROUPS, _IN_A_GROUP = 5, 5  # 123 bits: the format's own key derivation is quick, so length has to do
_PASSPHRASE: Final = re.compile(rf"[{_SIGNS}]{{{_IN_A_GROUP}}}(?:-[{_SIGNS}]{{{_IN_A_GROUP}}}){{{_GROUPS - 1}}}")


def new_passphrase() -> str:
    """Return one, in groups that can be read out on the telephone."""
    return "-".join("".join(secrets.choice(_SIGNS) for _ in range(_IN_A_GROUP)) for _ in range(_GROUPS))


def is_passphrase(given: str) -> bool:
    """Say whether a form carries what `new_passphrase` made: nobody seals a file by a word of their own."""
    return _PASSPHRASE.fullmatch(given) is not None
