"""An audit trail whose refused and fruitless acts are counted: past a rate somebody must look at them."""

from collections.abc import Mapping
from typing import Final

from guichet.ids import AgentId
from guichet.privacy.data_map.entry import DataMapEntry
from guichet.runtime.telemetry.probing_alarm import Probing, Refusal
from guichet.store.audit.trail import Act, AuditEntry, AuditTrail

DATA_MAP: tuple[DataMapEntry, ...] = ()  # guichet.store.audit.trail declares the collection
REFUSALS: Final[Mapping[Act, Refusal]] = {
    Act.SIGN_IN_REFUSED: Refusal.SIGN_IN,
    Act.CODE_REFUSED: Refusal.CODE,
    Act.NOT_FOUND: Refusal.NOT_FOUND,
}


class WatchedAudit(AuditTrail):
    """The same trail; `probing` hears of each refusal, also while the store is away."""

    def __init__(self, trail: AuditTrail, probing: Probing) -> None:
        self._trail = trail
        self._probing = probing

    async def record(self, *entries: AuditEntry) -> None:
        for entry in entries:
            if refusal := REFUSALS.get(entry.act):
                self._probing.note(refusal)
        await self._trail.record(*entries)

    async def about(self, thing_id: str) -> list[AuditEntry]:
        return await self._trail.about(thing_id)

    async def by(self, agent: AgentId) -> list[AuditEntry]:
        return await self._trail.by(agent)
