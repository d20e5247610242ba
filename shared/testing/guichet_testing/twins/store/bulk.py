"""Bulk acts and their cases, in memory."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from guichet.errors import TransientError
from guichet.ids import AgentId, BulkId, EventId
from guichet.store.bulk.acts import OF_AN_AGENT, BulkAct, BulkActs, BulkState, in_turn
from guichet.store.bulk.cases import MOST, BulkCase, BulkCases, RowState
from guichet_testing.twins.holds import from_now, is_free


class InMemoryBulkActs(BulkActs):
    """Twin of MongoBulkActs. away: the store does not answer."""

    def __init__(self) -> None:
        self.acts: dict[BulkId, BulkAct] = {}
        self.away = False

    async def insert(self, act: BulkAct) -> None:
        self._answer()
        self.acts.setdefault(act.bulk_id, act)

    async def find(self, author: AgentId, bulk: BulkId) -> BulkAct | None:
        self._answer()
        found = self.acts.get(bulk)
        return found if found is not None and found.author == author else None

    async def of_author(self, author: AgentId) -> list[BulkAct]:
        self._answer()
        mine = [each for each in self.acts.values() if each.author == author]
        return sorted(mine, key=lambda each: each.at, reverse=True)[:OF_AN_AGENT]

    async def change(self, author: AgentId, bulk: BulkId, before: BulkState, after: BulkState) -> bool:
        found = await self.find(author, bulk)
        if found is None or found.state is not before:
            return False
        self.acts[bulk] = found.model_copy(update={"state": after, "under_way": True})
        return True

    async def take(self, hold: timedelta) -> BulkAct | None:
        self._answer()
        turns = in_turn([each for each in self.acts.values() if each.under_way])
        first = next((each for each in turns if is_free(each.held_until)), None)
        if first is None:
            return None
        self.acts[first.bulk_id] = first.model_copy(update={"held_until": from_now(hold)})
        return self.acts[first.bulk_id]

    async def let_go(self, act: BulkAct, at: datetime, *, under_way: bool, state: BulkState) -> None:
        self._answer()
        found = self.acts[act.bulk_id]
        if found.held_until == act.held_until:
            found = found.model_copy(update={"worked_at": at, "held_until": None})
        if found.state is act.state:
            found = found.model_copy(update={"under_way": under_way, "state": state})
        self.acts[act.bulk_id] = found

    def lapse(self) -> None:
        """Let every lease end: who held one is dead."""
        self.acts = {name: each.model_copy(update={"held_until": None}) for name, each in self.acts.items()}

    def _answer(self) -> None:
        if self.away:
            raise TransientError("the bulk acts are away")


class InMemoryBulkCases(BulkCases):
    """Twin of MongoBulkCases. away: the store does not answer."""

    def __init__(self) -> None:
        self.rows: dict[str, BulkCase] = {}
        self.away = False

    async def insert(self, rows: Sequence[BulkCase]) -> None:
        self._answer()
        for each in rows:
            self.rows.setdefault(each.row_id, each)

    async def of(self, bulk: BulkId) -> list[BulkCase]:
        self._answer()
        return sorted((each for each in self.rows.values() if each.bulk_id == bulk), key=lambda each: each.number)

    async def in_states(self, bulk: BulkId, states: Collection[RowState], most: int = MOST) -> list[BulkCase]:
        return [each for each in await self.of(bulk) if each.state in states][:most]

    async def begin(self, row: str, command: EventId, at: datetime) -> bool:
        self._answer()
        found = self.rows.get(row)
        if found is None or found.state is not RowState.WAITING:
            return False
        leaves = {"state": RowState.LEAVING, "command": command, "given_at": at}
        self.rows[row] = found.model_copy(update=leaves)
        return True

    async def settle(
        self,
        row: BulkCase,
        after: RowState,
        why: str | None = None,
        *,
        is_answered: bool = False,
        given_at: datetime | None = None,
    ) -> None:
        self._answer()
        found = self.rows.get(row.row_id)
        if found is not None and found.state is row.state:
            became = {"state": after, "why": why, "is_answered": is_answered, "given_at": given_at or found.given_at}
            self.rows[row.row_id] = found.model_copy(update=became)

    async def cancel(self, bulk: BulkId) -> None:
        for each in await self.in_states(bulk, (RowState.WAITING,)):
            await self.settle(each, RowState.CANCELLED)

    def _answer(self) -> None:
        if self.away:
            raise TransientError("the rows of bulk acts are away")
