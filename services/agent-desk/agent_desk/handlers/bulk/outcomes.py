"""What the router has made of the commands of bulk acts."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from agent_desk.domain.bulk.row_commands import closing_id
from guichet.ids import EventId
from guichet.store.bulk.acts import BulkAct
from guichet.store.bulk.cases import BulkCase, BulkCases, RowState
from guichet.store.commands import CommandStore


@dataclass(frozen=True)
class BulkOutcomes:
    """Asks for them."""

    rows: BulkCases
    commands: CommandStore

    async def ask(self, act: BulkAct, given: Sequence[BulkCase]) -> list[BulkCase]:
        """Say of each case that was given what became of it; return those of which not all is known yet.

        given: of this act. Of an answer that closes its case the first that was refused says why; where that is the
        closing, the answer has left. An answer that has left is said at once, its closing may never be decided: whoever
        does not know of it writes again. Raises TransientError.
        """
        commands = {row.row_id: _commands(act, row) for row in given}
        asked = [command for each in commands.values() for command in each]
        known = await self.commands.find_many(asked) if asked else {}
        decided = {command: found for command, found in known.items() if found.done}
        open_ones = list[BulkCase]()
        for row in given:
            whole = commands[row.row_id]
            taken = [*takewhile(lambda each: each in decided and decided[each].refused is None, whole)]
            refused = next((decided[each].refused for each in whole[len(taken) :][:1] if each in decided), None)
            if refused is not None:
                await self.rows.settle(row, RowState.REFUSED, refused, is_answered=bool(taken))
            elif whole and len(taken) == len(whole):
                await self.rows.settle(row, RowState.DONE)
            else:
                open_ones.append(await self._answered(row) if taken and not row.is_answered else row)
        return open_ones

    async def _answered(self, row: BulkCase) -> BulkCase:
        await self.rows.settle(row, row.state, is_answered=True)
        return row.model_copy(update={"is_answered": True})


def _commands(act: BulkAct, row: BulkCase) -> list[EventId]:
    """Return what was given of a case, in its order."""
    return [each for each in (row.command, closing_id(act, row)) if each is not None]
