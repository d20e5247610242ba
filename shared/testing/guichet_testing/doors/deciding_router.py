"""A broker in memory with a router behind it, for a desk over twins."""

from typing import Any

from guichet.contracts.case_commands import CaseCommand, MailCommand, ReleaseMail
from guichet.kafka.produce.publisher import Publication
from guichet.store.commands import CommandDocument
from guichet.store.messages.suspended import SuspensionDecision
from guichet_testing.builders.signers import a_signer
from guichet_testing.twins.publisher import InMemoryPublisher
from guichet_testing.twins.store.commands import InMemoryCommandStore
from guichet_testing.twins.store.suspended_mail import InMemorySuspendedMail


class DecidingRouter(InMemoryPublisher):
    """A broker with a router behind it that decides each command at once.

    refuses: why it refuses them all, or None. is_away: it decides nothing.
    """

    def __init__(self, commands: InMemoryCommandStore, suspended: InMemorySuspendedMail) -> None:
        super().__init__(signer=a_signer("agent-desk"))
        self._commands = commands
        self._suspended = suspended
        self.refuses: str | None = None
        self.is_away = False

    async def publish(self, *publications: Publication[Any]) -> None:
        await super().publish(*publications)
        if self.is_away:
            return
        await self.decide(*(each.event for each in publications if isinstance(each.event, CaseCommand)))
        for each in publications:
            if isinstance(each.event, MailCommand):
                await self.decide_mail(each.event)

    async def decide(self, *given: CaseCommand) -> None:
        """Decide these commands; what was decided before stays as it is."""
        causes = [
            CommandDocument(
                _id=each.event_id,
                type=type(each).__name__,
                case_id=each.case_id,
                at=each.occurred_at,
                done=True,
                refused=self.refuses,
            )
            for each in given
        ]
        await self._commands.insert_causes(causes)

    async def decide_mail(self, command: MailCommand) -> None:
        """Decide a command about suspended mail; a released mail goes nowhere, a test files it."""
        decision = SuspensionDecision(command.occurred_at, command.issued_by, command.event_id)
        if self.refuses is None and isinstance(command, ReleaseMail):
            await self._suspended.release({command.message_id: decision})
        elif self.refuses is None:
            await self._suspended.confirm_spam(command.message_id, decision)
        cause = CommandDocument(
            _id=command.event_id,
            type=type(command).__name__,
            message_id=command.message_id,
            at=command.occurred_at,
            done=True,
            refused=self.refuses,
        )
        await self._commands.insert_causes([cause])
