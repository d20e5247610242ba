"""Carry out what agents decide about suspended mail: each decision is one conditional write, then the mail is filed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from case_router.domain.commands.decide_mail import Ruling, decide_mail, require_mail_right, suspension_of
from case_router.domain.commands.rights import require_given
from case_router.handlers.skip_erased import note_erased
from guichet.contracts.case_commands import MailCommand
from guichet.errors import TransientError
from guichet.ids import EventId
from guichet.store.agents.rights import AgentRights
from guichet.store.commands import CommandDocument, CommandStore
from guichet.store.messages.document import MessageDocument
from guichet.store.messages.store import MessageStore
from guichet.store.messages.suspended import SuspendedMail, Verdict
from guichet.store.messages.suspension import SuspensionState
from guichet.store.unseen_mail import UnseenMails

log = structlog.get_logger()


@dataclass
class MailDecided:
    """What a batch's commands came to. to_file: released, and in no case yet."""

    to_file: list[MessageDocument] = field(default_factory=list)
    done: list[EventId] = field(default_factory=list)
    refused: dict[EventId, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class DecideMail:
    """Every method raises TransientError. clock: aware UTC."""

    messages: MessageStore
    suspended: SuspendedMail
    unseen: UnseenMails
    commands: CommandStore
    rights: AgentRights
    clock: Callable[[], datetime]

    async def decide(self, commands: Sequence[MailCommand]) -> MailDecided:
        """Decide each command once, in the order of their time; nothing is done before all may be.

        Raises NoRightError for one whose author had no right to the mail when they gave it, or dated ahead;
        PermanentError for one about a message that nobody has suspended.
        """
        decided = MailDecided()
        if not commands:
            return decided
        there = await self._there(commands)
        before = await self.commands.find_many([command.event_id for command in there])
        for command in sorted(there, key=lambda each: each.occurred_at):
            known = before.get(command.event_id)
            if known is None or not known.done:
                await self._carry_out(command, decided)
        released = await self.messages.find_many({command.message_id for command in there})
        decided.to_file = [each for each in released.values() if each.filed is None and not each.is_held_back]
        return decided

    async def finish(self, decided: MailDecided) -> None:
        """Note that decisions are done, once what they released is filed."""
        if decided.done:
            await self.commands.mark_done(decided.done, decided.refused)

    async def _there(self, commands: Sequence[MailCommand]) -> list[MailCommand]:
        """Return the commands about what is not erased, after asking whether each may be given."""
        ids = {command.message_id for command in commands}
        found, erased = await self.messages.find_many(ids), await self.messages.erased(ids)
        rights = await self.rights.of({command.issued_by for command in commands})
        there = []
        for command in commands:
            if command.message_id in erased:
                note_erased(command, message_id=command.message_id)
                continue
            require_given(command, self.clock())
            held = suspension_of(command, found.get(command.message_id))
            require_mail_right(held, command, rights.get(command.issued_by, ()))
            there.append(command)
        return there

    async def _carry_out(self, command: MailCommand, decided: MailDecided) -> None:
        cause = CommandDocument(
            _id=command.event_id, type=type(command).__name__, message_id=command.message_id, at=command.occurred_at
        )
        await self.commands.insert_causes([cause])
        message = (await self.messages.find_many([command.message_id])).get(command.message_id)
        if message is None:  # erased in these moments
            return note_erased(command, message_id=command.message_id)
        ruling = decide_mail(command, suspension_of(command, message))
        if ruling.becomes is not None and not await self._write(command, ruling.becomes):
            raise TransientError(f"{command.event_id}: the mail was decided on meanwhile, the next try reads it again")
        await self.unseen.forget([command.message_id])
        _note(command, ruling, decided)
        return None

    async def _write(self, command: MailCommand, becomes: SuspensionState) -> bool:
        verdict = Verdict(command.occurred_at, command.issued_by, command.event_id)
        if becomes is SuspensionState.SPAM:
            return await self.suspended.confirm_spam(command.message_id, verdict)
        return command.message_id in await self.suspended.release({command.message_id: verdict})


def _note(command: MailCommand, ruling: Ruling, decided: MailDecided) -> None:
    decided.done.append(command.event_id)
    if ruling.why is not None:
        decided.refused[command.event_id] = ruling.why
    about = {"message_id": command.message_id, "command_id": command.event_id, "refused": ruling.why}
    log.info("suspended mail decided on", kind=type(command).__name__, **about)
