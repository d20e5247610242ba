"""How far an agent's own bulk acts are; pause, go on, end."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent_desk.domain.bulk.progress import Progress
from agent_desk.domain.errors import NotFoundError
from agent_desk.domain.visitor import Visitor
from guichet.ids import BulkId
from guichet.store.bulk.acts import BulkAct, BulkActs, BulkState
from guichet.store.bulk.cases import BulkCases


@dataclass(frozen=True)
class BulkFollow:
    """Every method raises TransientError, and NotFoundError alike for what is missing and what is a colleague's."""

    acts: BulkActs
    rows: BulkCases

    async def own(self, visitor: Visitor) -> Sequence[BulkAct]:
        """Return the visitor's own, the newest first."""
        return await self.acts.of_author(visitor.agent.agent_id)

    async def progress(self, visitor: Visitor, bulk: BulkId) -> Progress:
        """Return how far one is."""
        act = await self.acts.find(visitor.agent.agent_id, bulk)
        if act is None:
            raise NotFoundError
        return Progress.of(act, await self.rows.of(bulk))

    async def change(self, visitor: Visitor, bulk: BulkId, before: Sequence[BulkState], after: BulkState) -> None:
        """Put one in another state, unless it is in none of these by now. What has begun to leave goes on."""
        author = visitor.agent.agent_id
        if await self.acts.find(author, bulk) is None:
            raise NotFoundError
        changed = [await self.acts.change(author, bulk, each, after) for each in before]
        if any(changed) and after is BulkState.CANCELLED:
            await self.rows.cancel(bulk)
