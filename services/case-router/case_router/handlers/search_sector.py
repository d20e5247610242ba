"""From a sector's own ids back to the registry's: whose a case is, whatever became of the messages that told it.

Nothing at rest joins two sectors, so the way back is computed (docs/decisions/0027). Those who are likely are asked
about first; only where it is none of them, the whole registry.
"""

from collections.abc import Collection, Iterable

from guichet.ids import CitizenId, SectorCitizenId, SectorId
from guichet.privacy.pseudonyms import sector_citizen_id
from guichet.store.registry.citizens import CitizenStore

OwnId = tuple[SectorId, SectorCitizenId]


class SectorSearch:
    """Finds citizens. sector_key: the town's, from which each sector's own is made."""

    def __init__(self, *, citizens: CitizenStore, sector_key: bytes) -> None:
        self._citizens = citizens
        self._key = sector_key

    async def behind(
        self, wanted: Collection[OwnId], likely: Iterable[CitizenId] = ()
    ) -> dict[SectorCitizenId, CitizenId]:
        """Return who is behind these ids, also where they bore another id then; nobody for who is erased.

        Raises TransientError.
        """
        guessed = (await self._citizens.find_many(set(likely))).values() if wanted else ()
        names = {name: each.citizen_id for each in guessed for name in (each.citizen_id, *each.formerly)}
        found = self._among(wanted, names)
        missing = [each for each in wanted if each[1] not in found]
        if not missing:
            return found
        named = await self._citizens.known_as(lambda name: bool(self._among(missing, {name: name})))
        return found | self._among(missing, named)

    def _among(self, wanted: Iterable[OwnId], names: dict[CitizenId, CitizenId]) -> dict[SectorCitizenId, CitizenId]:
        by_sector = dict[SectorId, set[SectorCitizenId]]()
        for sector, own in wanted:
            by_sector.setdefault(sector, set()).add(own)
        return {
            own: citizen
            for sector, ids in by_sector.items()
            for name, citizen in names.items()
            if (own := sector_citizen_id(self._key, sector, name)) in ids
        }
