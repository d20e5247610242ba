"""Who has a case open, in memory."""

from collections.abc import Collection, Sequence
from datetime import datetime

from guichet.errors import TransientError
from guichet.ids import CaseId
from guichet.store.agents.presence import Presence, Present


class InMemoryPresence(Presence):
    """Twin of MongoPresence. away: the store does not answer. writes: how often something was said."""

    def __init__(self) -> None:
        self.present: dict[str, Present] = {}
        self.away = False
        self.writes = 0

    async def put(self, present: Sequence[Present]) -> None:
        self._answer()
        self.writes += len(present)
        for each in present:
            before = self.present.get(each.presence_id)
            typing = before.typing_until if before is not None else None
            self.present[each.presence_id] = each.model_copy(update={"typing_until": typing})

    async def types(self, presence_id: str, until: datetime) -> None:
        self._answer()
        if presence_id in self.present:
            there = self.present[presence_id]
            self.present[presence_id] = there.model_copy(update={"typing_until": until})

    async def gone(self, presence_id: str, process: str) -> None:
        self._answer()
        if presence_id in self.present and self.present[presence_id].process == process:
            del self.present[presence_id]

    async def at(self, cases: Collection[CaseId], now: datetime) -> list[Present]:
        self._answer()
        return [each for each in self.present.values() if each.case_id in cases and each.until > now]

    def _answer(self) -> None:
        if self.away:
            raise TransientError("presence is away")
