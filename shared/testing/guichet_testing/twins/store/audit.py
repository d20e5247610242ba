"""An audit trail in memory, as strict as the real one."""

from guichet.errors import TransientError
from guichet.ids import AgentId
from guichet.store.audit.trail import AuditEntry, AuditTrail


class InMemoryAuditTrail(AuditTrail):
    """Twin of MongoAuditTrail. away: the store does not answer."""

    def __init__(self) -> None:
        self.entries: list[AuditEntry] = []
        self.away = False

    async def record(self, *entries: AuditEntry) -> None:
        if self.away:
            raise TransientError("the audit trail is away")
        known = {entry.entry_id for entry in self.entries}
        self.entries.extend(entry for entry in entries if entry.entry_id not in known)

    async def about(self, thing_id: str) -> list[AuditEntry]:
        return self._newest_first([entry for entry in self.entries if thing_id in entry.things])

    async def by(self, agent: AgentId) -> list[AuditEntry]:
        return self._newest_first([entry for entry in self.entries if entry.agent == agent])

    def _newest_first(self, entries: list[AuditEntry]) -> list[AuditEntry]:
        return sorted(entries, key=lambda entry: entry.at, reverse=True)
