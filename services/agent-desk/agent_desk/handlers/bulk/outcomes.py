"""What the router has made of the commands of bulk acts."""

from collections.abc import Sequence
from dataclasses import dataclass

from guichet.store.bulk.cases import BulkCase, BulkCases, RowState
from guichet.store.commands import CommandStore


@dataclass(frozen=True)
class BulkOutcomes:
    """Asks for them."""

    rows: BulkCases
    commands: CommandStore

    async def ask(self, given: Sequence[BulkCase]) -> list[BulkCase]:
        """Say of each case that was given what became of it; return those of which nothing is known yet.

        given: of one act. Raises TransientError.
        """
        known = await self.commands.find_many([each.command for each in given if each.command]) if given else {}
        open_ones = list[BulkCase]()
        for row in given:
            found = known.get(row.command) if row.command else None
            if found is None or not found.done:
                open_ones.append(row)
                continue
            await self.rows.settle(row, RowState.DONE if found.refused is None else RowState.REFUSED, found.refused)
        return open_ones
