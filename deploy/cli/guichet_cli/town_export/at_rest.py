"""Documents as the store holds them, to models that a line is made of, and back. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from guichet.contracts.base import Contract
from guichet.contracts.delivery import DeliveryState
from guichet.ids import SectorCitizenId, SectorId
from guichet.privacy.pseudonyms import sector_citizen_id
from guichet.store.deliveries.document import NEVER, OPEN, DeliveryDocument, once_gathered
from guichet.store.registry.citizens import CitizenDocument
from guichet.store.threads.sealed_claim import ClaimSealing
from guichet.store.threads.store import ThreadDocument, opened_thread, sealed_thread
from guichet.vault.sealing import DataKey
from guichet_cli.town_export.draft_files import sealed_files
from guichet_cli.town_export.kind import Document, Kind, ThingName
from guichet_cli.town_export.kinds import DELIVERIES, DRAFTS, THREADS

NOT_KNOWN_HERE: Final = "left-open-by-an-export"


@dataclass(frozen=True)
class AtRest:
    """claims: seals what lies in `threads`, under the router's keys. at: the export's moment, an import's."""

    claims: ClaimSealing
    at: datetime

    def model(self, kind: Kind, document: Document) -> Contract:
        """Return what a document says."""
        if kind is THREADS:
            return opened_thread(self.claims, document)
        stored = kind.model.model_validate(document)
        return as_it_leaves(stored, self.at) if isinstance(stored, DeliveryDocument) else stored

    def document(self, kind: Kind, line: Contract, keys: Mapping[ThingName, DataKey]) -> dict[str, Any]:
        """Return the document of a line."""
        if kind is THREADS:
            values = {"_id": line.anchor, **dict(line)}  # type: ignore[attr-defined]  # the line of a thread
            return sealed_thread(self.claims, ThreadDocument.model_validate(values))
        document = kind.sealed(line, keys)
        if kind is DRAFTS:
            return document | {"files": sealed_files(document["_id"], line.files, keys)}  # type: ignore[attr-defined]
        if kind is DELIVERIES:  # their indexes, and who watches them, go by what is absent (guichet.store.deliveries)
            return {name: value for name, value in document.items() if value is not None}
        return document


def as_it_leaves(delivery: DeliveryDocument, at: datetime) -> DeliveryDocument:
    """Return a delivery as somebody else must take it: of what had not left, nobody there knows whether it did since.

    So no sender takes it up by itself: it is undecided, and an agent says what holds (docs/decisions/0029). at: whole
    milliseconds, as MongoDB keeps it.
    """
    if delivery.state not in OPEN or delivery.undecided_since is not None:
        return delivery
    return delivery.model_copy(
        update={
            "state": DeliveryState.UNKNOWN,
            "reason": NOT_KNOWN_HERE,
            "lane": once_gathered(delivery.lane),
            "due_at": NEVER,
            "changed_at": at,
            "undecided_since": at,
            "unpublished": True,
        }
    )


def sector_ids(
    sector_key: bytes, sectors: Iterable[SectorId], citizen: CitizenDocument
) -> dict[SectorId, tuple[SectorCitizenId, ...]]:
    """Return by which ids each sector's cases name a citizen: by the present one first, then by those of before."""
    names = (citizen.citizen_id, *citizen.formerly)
    return {sector: tuple(sector_citizen_id(sector_key, sector, each) for each in names) for sector in sorted(sectors)}
