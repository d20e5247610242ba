"""Which cases the message that opened a case quoted and could not join: sealed, since they may be another sector's.

They stay when such a case is destroyed: they lead to a bare tombstone, for whoever may open this case, and go with it.
A blind value to find them by would be the same in every case that is linked to one, and would join those.
"""

from collections.abc import Sequence
from typing import Final

from pydantic import TypeAdapter

from guichet.contracts.base import Sealed
from guichet.ids import CaseId
from guichet.vault.sealing import DataKey, Thing, seal

FIELD: Final = "linked_to"
_LINKS: Final = TypeAdapter(tuple[CaseId, ...])


def seal_links(key: DataKey, case: CaseId, links: Sequence[CaseId]) -> Sealed | None:
    """Seal a case's links under its own key; None where it has none."""
    return seal(key, Thing("case", case), FIELD, _LINKS.dump_json(tuple(links))) if links else None


def read_links(opened: bytes) -> tuple[CaseId, ...]:
    """Return what was sealed."""
    return _LINKS.validate_json(opened)
