"""Suspended messages in memory, and which of them nobody has seen."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from guichet.errors import TransientError
from guichet.ids import DepartmentId, MessageId
from guichet.rights.scope import Scope
from guichet.store.messages.document import MessageDocument
from guichet.store.messages.suspended import (
    COUNTED_UP_TO,
    SuspendedFilter,
    SuspendedMail,
    SuspendedMailReader,
    SuspensionDecision,
)
from guichet.store.messages.suspension import SuspensionState
from guichet.store.unseen_mail import UnseenMail, UnseenMails
from guichet_testing.twins.store.messages import InMemoryMessageStore


class InMemorySuspendedMail(SuspendedMail, SuspendedMailReader):
    """Twin of MongoSuspendedMail, over the twin that has the messages."""

    def __init__(self, messages: InMemoryMessageStore) -> None:
        self._store = messages

    async def release(self, decisions: Mapping[MessageId, SuspensionDecision]) -> frozenset[MessageId]:
        self._store.answer()
        return frozenset(
            message
            for message, decision in decisions.items()
            if self._decide(message, decision.releases, SuspensionState.RELEASED, decision)
        )

    async def confirm_spam(self, message: MessageId, decision: SuspensionDecision) -> bool:
        self._store.answer()
        return self._decide(message, (SuspensionState.WAITING,), SuspensionState.SPAM, decision)

    async def end_spam(self, until: datetime, limit: int) -> Sequence[MessageId]:
        self._store.answer()
        over = [each for each in self._in(SuspensionState.SPAM) if _decided_at(each) <= until]
        for message in sorted(over, key=_decided_at)[:limit]:
            self._set(message, state=SuspensionState.ENDING)
        return [each.message_id for each in self._in(SuspensionState.ENDING)][:limit]

    async def list_suspended(self, scope: Scope, wanted: SuspendedFilter) -> Sequence[MessageDocument]:
        self._store.answer()
        found = [each for each in self._in(wanted.state) if _is_seen_by(scope, each)]
        found.sort(key=lambda each: (each.at, each.message_id), reverse=not wanted.oldest_first)
        return found[wanted.skip : wanted.skip + wanted.limit]

    async def count(self, scope: Scope, state: SuspensionState) -> int:
        self._store.answer()
        return min(COUNTED_UP_TO, sum(_is_seen_by(scope, each) for each in self._in(state)))

    async def find(self, scope: Scope, message: MessageId) -> MessageDocument | None:
        self._store.answer()
        found = self._store.messages.get(message)
        return found if found is not None and _is_seen_by(scope, found) else None

    def _in(self, state: SuspensionState) -> list[MessageDocument]:
        held = [each for each in self._store.messages.values() if each.suspended is not None]
        return [each for each in held if each.suspended and each.suspended.state == state]

    def _decide(
        self, name: MessageId, before: Collection[SuspensionState], state: SuspensionState, decision: SuspensionDecision
    ) -> bool:
        message = self._store.messages.get(name)
        if message is None or message.suspended is None or message.suspended.state not in before:
            return False
        self._set(message, state=state, decided_at=decision.at, decided_by=decision.by, command=decision.command)
        return True

    def _set(self, message: MessageDocument, **fields: object) -> None:
        assert message.suspended is not None
        held = message.suspended.model_copy(update=fields)
        self._store.messages[message.message_id] = message.model_copy(update={"suspended": held})


class InMemoryUnseenMails(UnseenMails):
    """Twin of MongoUnseenMails. away: nothing answers."""

    def __init__(self) -> None:
        self.unseen: dict[MessageId, UnseenMail] = {}
        self.away = False

    async def note(self, mails: Sequence[UnseenMail]) -> None:
        self._answer()
        for mail in mails:
            self.unseen.setdefault(mail.message_id, mail)

    async def among(self, messages: Collection[MessageId]) -> frozenset[MessageId]:
        self._answer()
        return frozenset(message for message in messages if message in self.unseen)

    async def forget(self, messages: Collection[MessageId]) -> None:
        self._answer()
        for message in messages:
            self.unseen.pop(message, None)

    async def overdue(self, before: datetime) -> frozenset[DepartmentId]:
        self._answer()
        return frozenset(mail.department for mail in self.unseen.values() if mail.at < before)

    def _answer(self) -> None:
        if self.away:
            raise TransientError("unseen mail is away")


def _is_seen_by(scope: Scope, message: MessageDocument) -> bool:
    held = message.suspended
    return held is not None and held.sector in scope.whole_sectors and held.department in scope.whole_departments


def _decided_at(message: MessageDocument) -> datetime:
    assert message.suspended is not None
    assert message.suspended.decided_at is not None
    return message.suspended.decided_at
