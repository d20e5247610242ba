"""Commands and reports in memory."""

from collections.abc import Iterable, Mapping, Sequence

from guichet.errors import TransientError
from guichet.ids import EventId
from guichet.store.commands import CommandDocument, CommandStore


class InMemoryCommandStore(CommandStore):
    """Twin of MongoCommandStore. away: the store does not answer."""

    def __init__(self) -> None:
        self.commands: dict[EventId, CommandDocument] = {}
        self.away = False

    async def insert_causes(self, commands: Sequence[CommandDocument]) -> None:
        self._answer()
        for command in commands:
            self.commands.setdefault(command.command_id, command)

    async def find_many(self, commands: Iterable[EventId]) -> dict[EventId, CommandDocument]:
        self._answer()
        return {command: self.commands[command] for command in commands if command in self.commands}

    async def mark_done(self, commands: Sequence[EventId], refused: Mapping[EventId, str]) -> None:
        self._answer()
        for command in commands:
            if command in self.commands:
                why = refused.get(command, self.commands[command].refused)
                self.commands[command] = self.commands[command].model_copy(update={"done": True, "refused": why})

    def _answer(self) -> None:
        if self.away:
            raise TransientError("the commands are away")
