"""How far an agent's own bulk acts are; pause, go on, end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent_desk.domain.bulk.progress import Progress
from agent_desk.domain.errors import NotFoundError
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.bulk.outcomes import BulkOutcomes
from guichet.ids import BulkId
from guichet.store.bulk.acts import BulkAct, BulkActs, BulkState
from guichet.store.bulk.cases import WORDS, BulkCases
from guichet.store.cases.reader import CaseReader
from guichet.vault.fields import open_each
from guichet.vault.ports import KeyOpener


@dataclass(frozen=True)
class BulkFollow:
    """Every method raises TransientError, and NotFoundError alike for what is missing and what is a colleague's."""

    acts: BulkActs
    rows: BulkCases
    outcomes: BulkOutcomes
    cases: CaseReader
    opener: KeyOpener

    async def own(self, visitor: Visitor) -> Sequence[BulkAct]:
        """Return the visitor's own, the newest first."""
        return await self.acts.of_author(visitor.agent.agent_id)

    async def progress(self, visitor: Visitor, bulk: BulkId) -> Progress:
        """Return how far one is. Of what nothing had confirmed it is asked again, all of it at once."""
        act = await self.acts.find(visitor.agent.agent_id, bulk)
        if act is None:
            raise NotFoundError
        progress = Progress.of(act, await self.rows.of(bulk))
        if tuple(await self.outcomes.ask(act, progress.unconfirmed)) == progress.unconfirmed:
            return progress
        return Progress.of(act, await self.rows.of(bulk))

    async def words(self, visitor: Visitor, progress: Progress) -> Mapping[str, str]:
        """Return by its row what was to be said in each case in which it was not, of those that they still see whole.

        What does not open is left out, and the alarm tells.
        """
        left = (*progress.refused, *progress.unconfirmed)
        unsaid = {each.case_id: each for each in left if each.words is not None and not each.is_answered}
        seen = await self.cases.find_many(visitor.listed.whole, unsaid) if unsaid else ()
        rows = [unsaid[case.case_id] for case in seen]
        sealed = {row.row_id: WORDS.on(row.row_id, row.words) for row in rows if row.words is not None}
        return (await open_each(self.opener, sealed)).values if sealed else {}

    async def change(self, visitor: Visitor, bulk: BulkId, before: Sequence[BulkState], after: BulkState) -> None:
        """Put one in another state, unless it is in none of these by now. What has begun to leave goes on."""
        author = visitor.agent.agent_id
        if await self.acts.find(author, bulk) is None:
            raise NotFoundError
        changed = [await self.acts.change(author, bulk, each, after) for each in before]
        if any(changed) and after is BulkState.CANCELLED:
            await self.rows.cancel(bulk)
