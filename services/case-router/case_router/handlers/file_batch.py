"""File messages, commands and delivery reports into their cases: the router's handlers, a whole batch at a time."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self, TypeVar

import structlog

from case_router.domain.arrival import Opened
from case_router.domain.commands.decide import DECISIONS, case_of
from case_router.domain.copies import copies_of
from case_router.handlers.change_sector import ChangeSector
from case_router.handlers.commit_batch import CommitBatch
from case_router.handlers.decide_mail import DecideMail
from case_router.handlers.hold_back import HoldBack
from case_router.handlers.open_messages import MessageReader, as_cause
from case_router.handlers.publish_outbox import Outbox
from case_router.handlers.remember_senders import RememberSenders
from case_router.handlers.skip_erased import note_erased
from guichet.contracts.base import Event
from guichet.contracts.case_commands import ConfirmSender, MailCommand, RerouteCase
from guichet.contracts.inbound import MessageReceived, require_possible_accounts
from guichet.ids import MessageId
from guichet.kafka.records import Received
from guichet.runtime.telemetry.tracing import spans_side_by_side
from guichet.store.cases.store import CaseStore
from guichet.store.messages.document import MessageDocument
from guichet.store.messages.store import MessageStore

log = structlog.get_logger()

C = TypeVar("C", bound=Event)

Traces = Mapping[str, str | None]
"""The trace of each event of a batch (guichet.runtime.telemetry.tracing)."""


class CaseRouter:
    """The handlers. Collaborators are ports; the composition root chooses them.

    admit: see case_router.domain.admit_message.
    """

    def __init__(  # noqa: PLR0913 - every step of a batch
        self,
        *,
        cases: CaseStore,
        messages: MessageStore,
        reader: MessageReader,
        commit: CommitBatch,
        change_sector: ChangeSector,
        remember_senders: RememberSenders,
        outbox: Outbox,
        hold_back: HoldBack,
        decide_mail: DecideMail,
        admit: Callable[[MessageReceived], MessageReceived],
    ) -> None:
        self._cases = cases
        self._messages = messages
        self._reader = reader
        self._commit = commit
        self._change_sector = change_sector
        self._remember_senders = remember_senders
        self._outbox = outbox
        self._hold_back = hold_back
        self._decide_mail = decide_mail
        self._admit = admit

    async def handle(self, batch: Sequence[Received[Any]]) -> None:
        """Bring every event of a batch into its case; when this returns, its effects are durable and published.

        The same batch again changes nothing. Raises TransientError, and PermanentError for a message that cannot have
        come as it says, or came too often, and for a command without a case, or whose author had no right to it.
        """
        events = [received.event for received in batch]
        with spans_side_by_side([(type(each.event).__name__, each.headers) for each in batch]) as traces:
            await self._bring_in(events, {event.event_id: trace for event, trace in zip(events, traces, strict=True)})

    async def _bring_in(self, events: Sequence[Event], traces: Traces) -> None:
        arrived = await self._take_in([event for event in events if isinstance(event, MessageReceived)], traces)
        commands = await self._living(_once(event for event in events if type(event) in DECISIONS))
        await self._file(arrived.fresh, commands, traces)
        await self._look_at_suspended(arrived, [event for event in events if isinstance(event, MailCommand)])

    async def _look_at_suspended(self, arrived: "_Arrived", commands: Sequence[MailCommand]) -> None:
        """Let in of suspended mail what may come in, once what it may answer is filed; then what agents decide."""
        if let_in := await self._hold_back.let_in(arrived.suspended, arrived.stored):
            await self._file_released(let_in)
        decided = await self._decide_mail.decide(_once(commands))
        if decided.to_file:
            await self._file_released(decided.to_file)
        await self._decide_mail.finish(decided)

    async def _file_released(self, messages: Sequence[MessageDocument]) -> None:
        """File messages as the store has them. Raises UnopenableError: released, none may be left out unseen."""
        await self._file(await self._reader.open(messages), [], {})

    async def _living(self, commands: list[Event]) -> list[Event]:
        """Return the commands and reports whose case is not erased; of the others nothing is kept, not even a cause."""
        erased = await self._cases.erased({case_of(command) for command in commands}) if commands else frozenset()
        for command in commands:
            if case_of(command) in erased:
                note_erased(command)
        return [command for command in commands if case_of(command) not in erased]

    async def file_again(self, messages: Sequence[MessageDocument]) -> set[MessageId]:
        """File messages that lie in the store, their events perhaps unpublished; return those that could be opened."""
        opened = await self._reader.open_others(messages)
        await self._file(opened, [], {})
        return {each.message.message_id for each in opened}

    async def decide(self, commands: Sequence[Event]) -> None:
        """Bring about what the router itself decides. Raises TransientError."""
        await self._file([], await self._living([*commands]), {})

    async def _file(self, messages: Sequence[Opened], commands: Sequence[Event], traces: Traces) -> None:
        arrivals = await self._reader.recognise(messages)
        result = await self._commit.write(arrivals, commands, traces)
        confirmed = [command for command in commands if isinstance(command, ConfirmSender)]
        await self._remember_senders.remember(confirmed, result.cases)
        changed = {case_of(command) for command in commands if isinstance(command, RerouteCase | ConfirmSender)}
        await self._change_sector.hand_over(case for key, case in result.cases.items() if key in changed)
        await self._messages.add_accounts(result.accounts)
        await self._outbox.finish(result.cases, result.filings, result.commands)

    async def _take_in(self, events: Sequence[MessageReceived], traces: Traces) -> "_Arrived":
        """Insert causes; return what is still to be filed. An erased message is left out, and never made again."""
        events = [self._admit(event) for event in events]
        causes = self._hold_back.mark(_joined_accounts(events, traces), events)
        opened = await self._without_erased(await self._reader.open(causes.values()))
        await self._hold_back.note_unseen(each.message for each in opened)
        known = await self._messages.insert_causes([each.message for each in opened])
        stored = await self._messages.find_many(known) if known else {}
        await self._messages.add_accounts(_new_accounts(causes, stored))
        if copies := copies_of(events, causes | stored):
            await self._messages.add_copies(copies)
        erased = known - set(stored)
        await self._hold_back.forget_unseen([each for each in erased if causes[each].suspended is not None])
        living = [each for each in opened if each.message.message_id not in erased]
        _note_erased_messages(events, {each.message.message_id for each in living})
        unfiled = [each for each in living if _is_unfiled(stored.get(each.message.message_id))]
        return _Arrived.sorted_out(unfiled, stored)

    async def _without_erased(self, opened: list[Opened]) -> list[Opened]:
        """Leave out mails of which another route brought a copy that was erased since. What is there already stays."""
        heads = {each.message.message_id: head for each in opened if (head := each.head) is not None}
        erased = await self._messages.erased(heads.values()) if heads else frozenset()
        suspects = {message for message, head in heads.items() if head in erased}
        known = await self._messages.find_many(suspects) if suspects else {}
        return [each for each in opened if each.message.message_id not in suspects - known.keys()]


@dataclass(frozen=True)
class _Arrived:
    """Messages that are in no case yet. fresh: to be filed. suspended: only if something lets them in.

    stored: those of all these that had come before, as the store has them.
    """

    fresh: Sequence[Opened]
    suspended: Sequence[Opened]
    stored: Mapping[MessageId, MessageDocument]

    @classmethod
    def sorted_out(cls, unfiled: Sequence[Opened], stored: Mapping[MessageId, MessageDocument]) -> Self:
        fresh: list[Opened] = []
        suspended: list[Opened] = []
        for each in unfiled:
            first = stored.get(each.message.message_id)
            is_suspended = (first or each.message).suspended is not None
            (suspended if is_suspended else fresh).append(each if is_suspended else _dated_as_stored(each, first))
        return cls(fresh, suspended, stored)


def _joined_accounts(events: Iterable[MessageReceived], traces: Traces) -> dict[MessageId, MessageDocument]:
    """Return each message once: one mail to two mailboxes arrives twice and names both.

    Raises PermanentError where all of them together are more than a town has.
    """
    causes: dict[MessageId, MessageDocument] = {}
    for event in events:
        known = causes.get(event.message_id)
        if known is None:
            causes[event.message_id] = as_cause(event, traces.get(event.event_id))
        else:
            accounts = _joined(known.accounts, event.accounts)
            causes[event.message_id] = known.model_copy(update={"accounts": accounts})
    return causes


def _new_accounts(
    causes: dict[MessageId, MessageDocument], stored: dict[MessageId, MessageDocument]
) -> dict[MessageId, tuple[str, ...]]:
    """Return those of messages that came to others than are stored. Raises PermanentError as above."""
    return {
        message: _joined(known.accounts, causes[message].accounts)
        for message, known in stored.items()
        if not set(causes[message].accounts) <= set(known.accounts)
    }


def _joined(known: Iterable[str], further: Iterable[str]) -> tuple[str, ...]:
    accounts = tuple(dict.fromkeys((*known, *further)))
    require_possible_accounts(accounts)
    return accounts


def _note_erased_messages(events: Iterable[MessageReceived], living: Collection[MessageId]) -> None:
    """Tell of messages whose key is gone, and of those that came again, under a new key, after they were erased."""
    for event in events:
        if event.message_id not in living:
            note_erased(event, message_id=event.message_id)


def _is_unfiled(stored: MessageDocument | None) -> bool:
    return stored is None or stored.filed is None


def _dated_as_stored(opened: Opened, stored: MessageDocument | None) -> Opened:
    """Return a message with the times of its first delivery: another process may have begun to file it by these."""
    if stored is None:
        return opened
    times = stored.model_dump(include={"at", "received_at", "dated_by", "date_doubt", "suspended"})
    return replace(opened, message=opened.message.model_copy(update=times))


def _once(commands: Iterable[C]) -> list[C]:
    return [*{command.event_id: command for command in commands}.values()]
