"""Which keys a vault has never held: what they seal can be read by nobody, and was not erased."""

from collections.abc import Iterable

from guichet.ids import KeyId
from guichet.vault.keys.collections import VaultKeys


async def absent_keys(keys: VaultKeys, wanted: Iterable[KeyId]) -> frozenset[KeyId]:
    """Return those that are neither living nor destroyed. Raises TransientError."""
    asked = frozenset(wanted)
    living, destroyed = await keys.living_keys(asked)
    return asked - {each.key_id for each in living} - destroyed
