"""Destroys the former keys of search files: search-indexer, which gives them up, may destroy none.

Whoever takes search-indexer over may note any key as given up: one that is no search file's stays, and is heard of.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from guichet.runtime.telemetry.tampering_alarm import note_tampering
from guichet.vault.keys.wrapping import is_search_key
from guichet.vault.ports import Vault
from guichet.vault.search_keys import GivenUpKeys

LOOK_EVERY: Final = timedelta(seconds=10)


@dataclass(frozen=True)
class FormerSearchKeys:
    """What was given up, and what destroys it."""

    given_up: GivenUpKeys
    vault: Vault

    async def destroy(self) -> None:
        """Destroy what was given up since. May be done again. Raises TransientError."""
        noted = await self.given_up.given_up()
        if not noted:
            return
        await self.vault.destroy_keys(filter(is_search_key, noted))
        for key in noted:
            if not is_search_key(key):
                note_tampering("key", "search-indexer gave up a key that is no search file's")
        await self.given_up.forget(noted)
