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
from guichet.ids import EventId, MessageId
from guichet.store.agents.rights import AgentRights
from guichet.store.commands import CommandDocument, CommandStore
from guichet.store.messages.document import MessageDocument
from guichet.store.messages.store import MessageStore
from guichet.store.messages.suspended import SuspendedMail, SuspensionDecision
from guichet.store.messages.suspension import Suspension, SuspensionState
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

        Raises NoRightError for one whose author had no right to the mail when they gave it, dated ahead or of too
        long ago; PermanentError for one about a message that nobody has suspended.
        """
        decided = MailDecided()
        undone = await self._undone(commands) if commands else []
        if undone and (held := await self._held(undone)):
            there = [command for command in undone if command.message_id in held]
            await self.commands.insert_causes([_as_cause(command) for command in there])
            await self._carry_out(there, held, decided)
            released = await self.messages.find_many(held)
            decided.to_file = [each for each in released.values() if each.filed is None and not each.is_held_back]
        return decided

    async def finish(self, decided: MailDecided) -> None:
        """Note that decisions are done, once what they released is filed."""
        if decided.done:
            await self.commands.mark_done(decided.done, decided.refused)

    async def _held(self, commands: Sequence[MailCommand]) -> dict[MessageId, Suspension]:
        """Return what the commands are about, by message, after asking whether each may be given; not of the erased."""
        ids = {command.message_id for command in commands}
        found, erased = await self.messages.find_many(ids), await self.messages.erased(ids)
        rights = await self.rights.of({command.issued_by for command in commands})
        held: dict[MessageId, Suspension] = {}
        for command in commands:
            if command.message_id in erased:
                note_erased(command, message_id=command.message_id)
                continue
            require_given(command, self.clock())
            held[command.message_id] = suspension_of(command, found.get(command.message_id))
            require_mail_right(held[command.message_id], command, rights.get(command.issued_by, ()))
        return held

    async def _undone(self, commands: Sequence[MailCommand]) -> list[MailCommand]:
        """Return the commands that are not done yet, in the order of their time: of one that is, nothing is asked."""
        known = await self.commands.find_many([command.event_id for command in commands])
        done = {name for name, command in known.items() if command.done}
        return sorted((each for each in commands if each.event_id not in done), key=lambda each: each.occurred_at)

    async def _carry_out(
        self, commands: Sequence[MailCommand], held: dict[MessageId, Suspension], decided: MailDecided
    ) -> None:
        """Write what each comes to; what a killed try has written is not written again."""
        for command in commands:
            ruling = decide_mail(command, held[command.message_id])
            if ruling.becomes is not None:
                held[command.message_id] = await self._write(command, held[command.message_id], ruling.becomes)
            _note(command, ruling, decided)
        await self.unseen.forget([command.message_id for command in commands])

    async def _write(self, command: MailCommand, before: Suspension, becomes: SuspensionState) -> Suspension:
        """Write a decision; return what then stands. Raises TransientError where somebody else decided meanwhile."""
        decision = SuspensionDecision(command.occurred_at, command.issued_by, command.event_id)
        wrote = (
            await self.suspended.confirm_spam(command.message_id, decision)
            if becomes is SuspensionState.SPAM
            else command.message_id in await self.suspended.release({command.message_id: decision})
        )
        if not wrote:
            raise TransientError(f"{command.event_id}: the mail was decided on meanwhile, the next try reads it again")
        written = {"decided_at": decision.at, "decided_by": decision.by, "command": decision.command}
        return before.model_copy(update={"state": becomes, **written})


def _as_cause(command: MailCommand) -> CommandDocument:
    return CommandDocument(
        _id=command.event_id, type=type(command).__name__, message_id=command.message_id, at=command.occurred_at
    )


def _note(command: MailCommand, ruling: Ruling, decided: MailDecided) -> None:
    decided.done.append(command.event_id)
    if ruling.why is not None:
        decided.refused[command.event_id] = ruling.why
    about = {"message_id": command.message_id, "command_id": command.event_id, "refused": ruling.why}
    log.info("suspended mail decided on", kind=type(command).__name__, **about)
