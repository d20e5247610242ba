"""What was changed of the staff, in memory."""

from guichet.store.agents.staff import StaffEntry, StaffStore


class InMemoryStaff(StaffStore):
    """Twin of MongoStaff. reads: how often all was asked for."""

    def __init__(self, *entries: StaffEntry) -> None:
        self.entries = {entry.entry_id: entry for entry in entries}
        self.reads = 0

    async def all(self) -> list[StaffEntry]:
        self.reads += 1
        return sorted(self.entries.values(), key=lambda entry: entry.entry_id)

    async def put(self, entry: StaffEntry, *, over: StaffEntry | None) -> bool:
        if not self._stands(entry.entry_id, over):
            return False
        self.entries[entry.entry_id] = entry
        return True

    async def remove(self, entry: StaffEntry) -> bool:
        stands = self._stands(entry.entry_id, entry)
        if stands:
            del self.entries[entry.entry_id]
        return stands

    def _stands(self, entry_id: str, over: StaffEntry | None) -> bool:
        there = self.entries.get(entry_id)
        return (there and there.version) == (over and over.version)
