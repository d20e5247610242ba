"""What an agent's decision about a suspended mail comes to. Pure; what makes no sense any more is refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from guichet.contracts.case_commands import ConfirmSpam, MailCommand, ReleaseMail
from guichet.errors import NoRightError, PermanentError
from guichet.store.agents.rights import AgentRight
from guichet.store.messages.document import MessageDocument
from guichet.store.messages.suspension import Suspension, SuspensionState

_TOO_LATE: Final = {
    (ReleaseMail, SuspensionState.RELEASED): "already-released",
    (ReleaseMail, SuspensionState.ENDING): "already-deleted",
    (ConfirmSpam, SuspensionState.RELEASED): "already-released",
    (ConfirmSpam, SuspensionState.SPAM): "already-spam",
    (ConfirmSpam, SuspensionState.ENDING): "already-spam",
}


@dataclass(frozen=True)
class Ruling:
    """becomes: what is to be written; None: nothing is left to write. why: it is refused."""

    becomes: SuspensionState | None = None
    why: str | None = None


def decide_mail(command: MailCommand, held: Suspension) -> Ruling:
    """Return what a command comes to."""
    if held.command == command.event_id:
        return Ruling()
    if why := _TOO_LATE.get((type(command), held.state)):
        return Ruling(why=why)
    return Ruling(SuspensionState.RELEASED if isinstance(command, ReleaseMail) else SuspensionState.SPAM)


def suspension_of(command: MailCommand, message: MessageDocument | None) -> Suspension:
    """Return what a command is about. Raises PermanentError for a message that nobody has, or never suspended."""
    what = f"{type(command).__name__} {command.event_id}"
    if message is None:
        raise PermanentError(f"{what}: no such message", reason="unknown-message")
    if message.suspended is None:
        raise PermanentError(f"{what}: the message was never suspended", reason="not-suspended")
    return message.suspended


def require_mail_right(held: Suspension, command: MailCommand, rights: Sequence[AgentRight]) -> None:
    """Raise NoRightError unless the author, at the command's time, looked at that department's suspended mail."""
    at = command.occurred_at
    granted = (grant for right in rights if right.suspended_mail for grant in right.grants_at(at))
    if not any(grant.is_of_every_case and held.department in grant.departments for grant in granted):
        raise NoRightError(f"{command.issued_by} had no right to {type(command).__name__} {command.event_id}")
