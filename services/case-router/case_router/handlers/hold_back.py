"""Hold back what a person looks at first; let in what answers an open case, or came unsuspected another way."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from case_router.domain.arrival import Opened
from case_router.domain.choose_case import ChooseCase
from case_router.domain.open_case import CaseOpener
from case_router.domain.suspension import Suspend, may_answer
from case_router.handlers.gather import GatherContext
from case_router.handlers.open_messages import MessageReader
from guichet.contracts.inbound import MessageReceived
from guichet.ids import MessageId
from guichet.runtime.telemetry.tracing import trace_id_of
from guichet.store.messages.document import MessageDocument
from guichet.store.messages.store import MessageStore
from guichet.store.messages.suspended import SuspendedMail, SuspensionDecision
from guichet.store.messages.suspension import SuspensionState
from guichet.store.unseen_mail import UnseenMail, UnseenMails
from guichet.town import Town

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class HoldBack:
    """Every method raises TransientError."""

    suspend: Suspend
    messages: MessageStore
    suspended: SuspendedMail
    unseen: UnseenMails
    gather: GatherContext
    reader: MessageReader
    opener: CaseOpener
    town: Town

    def mark(
        self, causes: Mapping[MessageId, MessageDocument], events: Sequence[MessageReceived]
    ) -> dict[MessageId, MessageDocument]:
        """Return the causes of a batch; those that a person looks at first say so."""
        return self.suspend.suspended(causes, events)

    async def note_unseen(self, causes: Iterable[MessageDocument]) -> None:
        """Note which of these no agent has seen, before they are inserted: what is there already may have been seen."""
        if held := {each.message_id: each for each in causes if each.suspended is not None}:
            known = await self.messages.find_many(held)
            await self.unseen.note(
                [
                    UnseenMail(_id=message, department=each.suspended.department, at=each.at)
                    for message, each in held.items()
                    if message not in known and each.suspended is not None
                ]
            )

    async def forget_unseen(self, messages: Collection[MessageId]) -> None:
        """Have nobody wait for an agent to see these."""
        if messages:
            await self.unseen.forget(messages)

    async def let_in(
        self, arrived: Sequence[Opened], stored: Mapping[MessageId, MessageDocument]
    ) -> list[MessageDocument]:
        """Return those of suspended messages that are to be filed, as the store has them by now. The others wait.

        arrived: as they came now. stored: those of them that had come before.
        """
        if not arrived:
            return []
        waiting = [each for each in arrived if _waits(stored.get(each.message.message_id, each.message))]
        unsuspected = [each for each in waiting if each.message.suspended is None]
        answering = await self._answering([each for each in waiting if each.message.suspended is not None])
        decisions = {
            each.message.message_id: SuspensionDecision(_at(each, stored)) for each in (*unsuspected, *answering)
        }
        await self.suspended.release(decisions)
        now = await self.messages.find_many([each.message.message_id for each in arrived])
        # Also what was decided on before: two processes may have taken it for new, or one died before this.
        await self.forget_unseen([message for message, each in now.items() if not _waits(each)])
        _log_held(each for each in now.values() if each.is_held_back and each.message_id not in stored)
        return [each for each in now.values() if each.filed is None and not each.is_held_back]

    async def _answering(self, suspected: Sequence[Opened]) -> list[Opened]:
        """Return those that belong to an open case: a citizen's reply must not be missing from its conversation."""
        asking = [self.reader.unrecognised(each) for each in suspected if may_answer(each.message)]
        if not asking:
            return []
        context = await self.gather.gather(asking, [])
        choose = ChooseCase(context, self.town, self.opener, {})
        return [each.opened for each in asking if choose.answers_open_case(each.message_id)]


def _waits(message: MessageDocument) -> bool:
    return message.suspended is not None and message.suspended.state is SuspensionState.WAITING


def _at(opened: Opened, stored: Mapping[MessageId, MessageDocument]) -> datetime:
    """Return when a message counts as come: an answer when it first came, another when it came unsuspected."""
    first = stored.get(opened.message.message_id)
    return opened.message.at if first is None or opened.message.suspended is None else first.at


def _log_held(messages: Iterable[MessageDocument]) -> None:
    for each in messages:
        if each.suspended is not None:
            about = {"why": each.suspended.why.value, "department": each.suspended.department}
            log.info("message suspended", message_id=each.message_id, trace_id=trace_id_of(each.trace), **about)
