"""What the router has decided about a command: told by its event as it happens, else found in the store.

Every desk process reads every case event, so whichever process gave a command hears of it. The store is asked once
after the command was given, for one that was decided before (a form sent twice), and once more when hearing has
taken too long or was interrupted: nothing asks again and again. While it is awaited, a connection is held and no more.
"""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from agent_desk.handlers.live.live_feed import LiveFeed
from guichet.contracts.case_events import CaseEvent, CommandRefused
from guichet.errors import TransientError
from guichet.ids import EventId
from guichet.store.commands import CommandStore

log = structlog.get_logger()

PATIENCE: Final = timedelta(seconds=4)  # the router takes some 50 ms; past this an agent had better be told something


@dataclass(frozen=True)
class Outcome:
    """What became of a command. is_decided: False while it is under way. refused: why it came to nothing."""

    is_decided: bool
    refused: str | None = None


UNDER_WAY: Final = Outcome(is_decided=False)


class Outcomes:
    """Finds what the router has decided. patience: how long an agent waits for it."""

    def __init__(self, *, commands: CommandStore, feed: LiveFeed, patience: timedelta = PATIENCE) -> None:
        self._commands = commands
        self._feed = feed
        self._patience = patience

    @property
    def position(self) -> str:
        """Where hearing stands now: to be read before a command is given."""
        return self._feed.position

    async def of(self, command: EventId) -> Outcome:
        """Return what the store says. Raises TransientError."""
        known = (await self._commands.find_many([command])).get(command)
        return UNDER_WAY if known is None or not known.done else Outcome(is_decided=True, refused=known.refused)

    async def heard(self, command: EventId, since: str) -> Outcome:
        """Return what becomes of a command that was given, under way if that is not known in time.

        since: the position before it was given.
        """
        try:
            outcome = await self.of(command)
            if outcome.is_decided:
                return outcome
            return await self._awaited(command, since) or await self.of(command)
        except TransientError as exc:  # the command is given: the page will say what became of it
            log.warning("outcome not found for now", command_id=command, error=str(exc))
            return UNDER_WAY

    async def _awaited(self, command: EventId, since: str) -> Outcome | None:
        try:
            async with (
                asyncio.timeout(self._patience.total_seconds()),
                aclosing(self._feed.changes(since, lambda event: event.caused_by == command)) as changes,
            ):
                async for change in changes:
                    if change.event is not None:
                        return _decided_by(change.event)
                    if (outcome := await self.of(command)).is_decided:  # something was missed
                        return outcome
        except TimeoutError:
            pass
        return None


def _decided_by(event: CaseEvent) -> Outcome:
    return Outcome(is_decided=True, refused=event.why if isinstance(event, CommandRefused) else None)
