"""Decide a batch and write it: one write per case, on condition that nobody was faster. Whoever loses decides anew.

Order: claims on anchors, each message's own last, then declarations of abuse, then the cases. Where another process
claims the same thread or decides about the same sender, nothing later is written, everything is read and decided again,
and what we wrote already counts as ours.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from case_router.domain.arrival import Arrival
from case_router.domain.batch_context import BatchContext
from case_router.domain.choose_case import ChooseCase
from case_router.domain.commands.decide import DecideCommand, case_of
from case_router.domain.decisions import Decisions, NewClaims
from case_router.domain.keys import RouterKeys
from case_router.domain.open_case import CaseOpener
from case_router.domain.reckoner import Reckoner
from case_router.domain.subject import choose_subject
from case_router.handlers.apply_declarations import ApplyDeclarations
from case_router.handlers.gather import GatherContext
from case_router.handlers.skip_erased import note_erased
from guichet.case.case import Case
from guichet.case.record import CaseRecord
from guichet.contracts.base import Event
from guichet.contracts.case_commands import SendReply
from guichet.contracts.case_events import CaseState
from guichet.contracts.delivery import DeliveryChanged, mail_message_id
from guichet.errors import PermanentError, TransientError
from guichet.ids import AnchorId, CaseId, EventId, MessageId
from guichet.privacy.follow_link import new_follow_link
from guichet.privacy.pseudonyms import mail_anchor
from guichet.runtime.telemetry.metrics import CASES_CLOSED_ON_THE_SPOT, CASES_OPENED, LOST_RACES, MESSAGES_FILED
from guichet.runtime.telemetry.tracing import trace_id_of
from guichet.store.abuse_declarations import NO_RECEIPT
from guichet.store.cases.fields import LINK, LINKED_CASES, SUBJECT
from guichet.store.cases.store import CaseStore, NotInserted
from guichet.store.commands import CommandDocument, CommandStore
from guichet.store.messages.store import Filing
from guichet.store.threads.claim import Claim
from guichet.store.threads.store import ClaimAddition, ThreadDocument, ThreadStore
from guichet.town.town import Town
from guichet.vault.ports import KeySource
from guichet.vault.sealing import DataKey

log = structlog.get_logger()

TRIES = 30  # a race is lost to somebody who went forward; past this something is wrong, and the loop backs off


@dataclass
class BatchResult:
    """What a batch came to: its cases as they lie in the store, where its messages went, which commands are done.

    accounts: to which another route's copies came, by the mail that came first.
    """

    cases: dict[CaseId, CaseRecord] = field(default_factory=dict)
    filings: list[Filing] = field(default_factory=list)
    commands: list[EventId] = field(default_factory=list)
    accounts: dict[MessageId, tuple[str, ...]] = field(default_factory=dict)


class CommitBatch:
    """Writes batches. clock: aware UTC."""

    def __init__(  # noqa: PLR0913 - every store that a batch is written to
        self,
        *,
        gather: GatherContext,
        threads: ThreadStore,
        cases: CaseStore,
        commands: CommandStore,
        abuse: ApplyDeclarations,
        new_keys: KeySource,
        town: Town,
        keys: RouterKeys,
        clock: Callable[[], datetime],
    ) -> None:
        self._gather = gather
        self._threads = threads
        self._cases = cases
        self._commands = commands
        self._abuse = abuse
        self._new_keys = new_keys
        self._town = town
        self._keys = keys
        self._clock = clock
        self._opener = CaseOpener(town, keys)
        self._reckoner = Reckoner(town)

    async def write(
        self, arrivals: Sequence[Arrival], commands: Sequence[Event], traces: Mapping[str, str | None]
    ) -> BatchResult:
        """Bring every cause into its case. traces: of the commands; a message's document has its own.

        A command becomes a cause once it is decided: of one that is refused nothing is kept. Raises TransientError;
        PermanentError for a command without a case, NoRightError for one whose author had no right to it.
        """
        result, are_causes = BatchResult(), False
        attempts: dict[CaseId, int] = {}
        for _ in range(TRIES):
            if not arrivals and not commands:
                return result
            context = await self._gather.gather(arrivals, commands)
            decided = self._decide(context, commands, attempts, traces)
            if not are_causes:
                await self._commands.insert_causes([_as_cause(command) for command in commands])
                are_causes = True
            await self._threads.insert_missing(_threads(decided.outgoing))
            if await self._claim(context, decided.claims) and await self._abuse.write(decided.declarations):
                lost = await self._write_cases(context, decided, attempts)
                self._note(result, context, decided, commands, lost)
                arrivals = [each for each in context.arrivals.values() if decided.destinations[each.message_id] in lost]
                commands = [command for command in commands if case_of(command) in lost]
        raise TransientError(f"{len(arrivals) + len(commands)} causes lost {TRIES} races in a row")

    def _decide(
        self,
        context: BatchContext,
        commands: Sequence[Event],
        attempts: dict[CaseId, int],
        traces: Mapping[str, str | None],
    ) -> Decisions:
        """Decide every cause in the order of its time."""
        choose = ChooseCase(context, self._town, self._opener, attempts)
        decided = choose.decisions
        decider = DecideCommand(context, self._town, self._opener, self._reckoner, self._clock())
        for cause in in_order_of_time(context.arrivals.values(), commands):
            if isinstance(cause, Arrival):
                choose.file(cause.message_id)
                continue
            case = choose.case(case_of(cause))
            if case is None:
                _let_go(cause, context)
                continue
            decider.decide(case, cause)
            case.trace(traces)
            if isinstance(cause, SendReply):
                anchor = mail_anchor(self._keys.thread, mail_message_id(cause.outbound_id, self._town.domain))
                decided.outgoing[anchor] = Claim(case_id=cause.case_id, claimed_by=cause.outbound_id)
        decided.declarations = [*decider.declarations.values()]
        return decided

    async def _claim(self, context: BatchContext, claims: NewClaims) -> bool:
        """Make the claims up to the first that is lost; return whether none was."""
        versions = {anchor: thread.version for anchor, thread in context.threads.items()}
        additions: list[ClaimAddition] = []
        for anchor, claim in claims.in_order:
            additions.append(ClaimAddition(anchor, versions.get(anchor, 0), claim))
            versions[anchor] = versions.get(anchor, 0) + 1
        return await self._threads.claim_in_order(additions)

    async def _write_cases(
        self, context: BatchContext, decided: Decisions, attempts: dict[CaseId, int]
    ) -> frozenset[CaseId]:
        """Write every changed case once; return those that lost their race, or their reference."""
        await self._seal_new(context, decided)
        for each in decided.cases.values():
            self._reckoner.keep(each, self._clock())
        new = [case.record for case in decided.cases.values() if case.is_new]
        changed = [case for case in decided.cases.values() if case.is_changed and not case.is_new]
        taken = await self._cases.insert_new(new) if new else NotInserted()
        attempts.update({case: attempts.get(case, 0) + 1 for case in taken.references})
        lost = await self._cases.update_if_unchanged(changed) | taken.cases | taken.references
        LOST_RACES.inc(len(lost))
        opened = Counter((case.department, case.channel) for case in new if case.case_id not in lost)
        for labels, count in opened.items():
            CASES_OPENED.labels(*labels).inc(count)
        for case in new:
            if case.state is CaseState.CLOSED and case.case_id not in lost:
                CASES_CLOSED_ON_THE_SPOT.labels(case.department, case.channel).inc()
        return lost

    async def _seal_new(self, context: BatchContext, decided: Decisions) -> None:
        new = [case for case in decided.cases.values() if case.is_new]
        keys = await self._new_keys.new_keys(len(new)) if new else []
        no_receipts = await self._abuse.no_receipts([case.record for case in new], context.arrivals)
        for case, key in zip(new, keys, strict=True):
            words = self._town.policy(case.record.channel).new_case_words
            links = decided.links.get(case.record.case_id, ())
            _seal(case, context.arrivals[case.record.opened_by], words, links, key)
            if (why := no_receipts.get(case.record.case_id)) is not None:
                case.owe_no_receipt(NO_RECEIPT.seal(key, case.record.case_id, why))

    def _note(
        self,
        result: BatchResult,
        context: BatchContext,
        decided: Decisions,
        commands: Sequence[Event],
        lost: frozenset[CaseId],
    ) -> None:
        erasing = {key: context.erasing[key] for key in decided.destinations.values() if key in context.erasing}
        stand = erasing | {key: case.record for key, case in decided.cases.items() if key not in lost}
        result.cases.update(stand)
        result.commands.extend(command.event_id for command in commands if case_of(command) in stand)
        done = [context.arrivals[message] for message, case in decided.destinations.items() if case in stand]
        result.filings.extend(
            self._filing(each, stand[decided.destinations[each.message_id]], decided) for each in done
        )
        for each in done:
            if (first := decided.copies.get(each.message_id)) is not None:
                result.accounts[first] = decided.accounts[first]
                _log_copy(each, first)
        filed = (each.message.channel for each in done if each.message_id not in decided.copies)
        for channel, count in Counter(filed).items():
            MESSAGES_FILED.labels(channel).inc(count)

    def _filing(self, arrival: Arrival, case: CaseRecord, decided: Decisions) -> Filing:
        opened = case.opened_by == arrival.message_id
        citizen = case.citizen if opened else self._opener.in_sector(arrival.holders, case.sector).citizen
        return Filing(
            arrival.message_id,
            case.case_id,
            case.sector,
            citizen,
            copy_of=decided.copies.get(arrival.message_id),
            mail_head=decided.heads.get(arrival.message_id),
        )


def _log_copy(copy: Arrival, first: MessageId) -> None:
    trace = trace_id_of(copy.message.trace)
    log.info("another route's copy", message_id=copy.message_id, copy_of=first, trace_id=trace)


def in_order_of_time(arrivals: Iterable[Arrival], commands: Iterable[Event]) -> list[Arrival | Event]:
    """Return the causes of a batch as they came: a message's arrival at our edge, an agent's click, a report's time.

    At one and the same time messages go first, and each kind in the order of its topic.
    """
    return sorted([*arrivals, *commands], key=lambda each: each.at if isinstance(each, Arrival) else each.occurred_at)


def _let_go(command: Event, context: BatchContext) -> None:
    """Drop what is about an erased case. Raises PermanentError for a decision about a case that nobody has seen."""
    if case_of(command) in context.erased:
        note_erased(command)
        return
    if not isinstance(command, DeliveryChanged):
        raise PermanentError(f"{type(command).__name__} {command.event_id}: no such case", reason="unknown-case")
    log.warning("delivery report without a case", event_id=command.event_id, case_id=command.case_id)


def _as_cause(command: Event) -> CommandDocument:
    return CommandDocument(
        _id=command.event_id, type=type(command).__name__, case_id=case_of(command), at=command.occurred_at
    )


def _threads(claims: Mapping[AnchorId, Claim]) -> list[ThreadDocument]:
    return [ThreadDocument(_id=anchor, claims=(claim,)) for anchor, claim in claims.items()]


def _seal(case: Case, opening: Arrival, words: Iterable[str], links: Sequence[CaseId], key: DataKey) -> None:
    """Seal the case's subject, blank or not, the secret of its link and what it is linked to.

    An agent's reason comes under the same key. The link is random: whoever loses the race to insert the case loses the
    link with it, and nobody has seen it.
    """
    content, link, own = opening.opened.content, new_follow_link(), case.record.case_id
    subject = choose_subject(content.subject, content.text, words)
    case.keep(
        subject=SUBJECT.seal(key, own, subject),
        link=LINK.seal(key, own, link),
        follow=link.lookup,
        linked_to=LINKED_CASES.seal(key, own, tuple(links)) if links else None,
    )
