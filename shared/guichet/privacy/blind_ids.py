"""Ids as they stand where they may be found and must not lead anywhere: under a key, of their kind. Pure.

An anchor names cases of several sectors. Named in clear they would be joined; blinded, only who has the key and an id
finds what names it, which is what an erasure does (docs/decisions/0014).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from guichet.privacy.data_map.entry import Bond
from guichet.privacy.pseudonyms import blind_id


@dataclass(frozen=True)
class BlindIds:
    """Blinds ids. registry_key: 32 bytes; those who file and those who erase have it."""

    registry_key: bytes = field(repr=False)

    def blind(self, bond: Bond, name: str) -> str:
        """Return what stands for an id of this kind."""
        return _remembered(self.registry_key, bond, name)

    def each(self, bond: Bond, names: Iterable[str]) -> set[str]:
        """Return what stands for each."""
        return {self.blind(bond, name) for name in names}


_remembered = lru_cache(maxsize=1024)(blind_id)  # the claims of one message, some three, name one case
