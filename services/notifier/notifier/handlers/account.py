"""One provider account: its sender, how fast it may send, and whether it is being left alone."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from guichet.channel.outgoing.letter import Letter
from guichet.channel.outgoing.outcomes import Concluded, Doubtful, Waiting, sent
from guichet.channel.outgoing.outcomes import Outcome as ProviderOutcome
from guichet.channel.outgoing.rate import Rate
from guichet.channel.outgoing.sender import Outgoing, UnsentBugError
from guichet.contracts.channels import OUTSIDE_WINDOW
from guichet.contracts.delivery import DeliveryState
from guichet.errors import GuichetError, ThrottledError, TransientError
from guichet.ids import MessageId
from guichet.runtime.telemetry.alarms import Alarm, clear_alarm, raise_alarm
from guichet.runtime.telemetry.metrics import POSSIBLE_DOUBLES
from guichet.store.deliveries.document import BY_TEMPLATE, LEFT, DeliveryDocument
from guichet.store.deliveries.spending import Charge
from guichet.store.sending_journal import NoJournal, SendingJournal, Standing
from notifier.domain.breaker import Breaker
from notifier.domain.late_letter import LateLetter
from notifier.domain.letter_cost import only_waits
from notifier.domain.outcomes import Barred, Lost, NoRoom, Outcome, Undecided, no_more
from notifier.domain.pace import WHOLE, Pace
from notifier.handlers.keep_budget import Budget, surely_stayed

Begin = Callable[[], Awaitable[bool]]
Taken = Callable[[str, Iterable[str], MessageId], Awaitable[set[str]]]
"""Tells which of an account's ids belong to other deliveries of it than the one named."""

NO_JOURNAL: Final = NoJournal()
NO_ANSWER: Final = "no-answer"  # whoever sent it was killed each time

log = structlog.get_logger()


class Account:
    """Attempts letters within the provider's limits, and the town's. budget: None where no letter costs anything.

    share: which part of the account's pace is this process's (notifier.domain.pace)."""

    def __init__(
        self,
        sender: Outgoing,
        rate: Rate,
        clock: Callable[[], datetime],
        taken: Taken,
        journal: SendingJournal = NO_JOURNAL,
        budget: Budget | None = None,
        share: Callable[[], float] = lambda: WHOLE,
    ) -> None:
        self.name = sender.name
        self._journal = journal
        self._budget = budget
        self._sender = sender
        self._clock = clock
        self._taken = taken
        self._pace = Pace(rate, share)
        self._breaker = Breaker()

    async def start(self) -> None:
        """Open what the sender keeps open."""
        await self._sender.start()

    async def stop(self) -> None:
        """Close it."""
        await self._sender.stop()

    def wait(self) -> timedelta:
        """Return how long nothing may be sent; zero allows one attempt, to be made or handed back."""
        now = self._clock()
        if wait := self._pace.take(now):
            return wait
        if wait := self._breaker.wait(now):
            self._pace.give_back()
        return wait

    @property
    def sends_apart(self) -> timedelta | None:
        """How far apart two letters of this process are by its part of the pace; None: it has none just now."""
        return self._pace.apart

    def allow_more(self, most: int) -> int:
        """Return how many attempts may be made beside the one that `wait` allowed, at most `most`. A probe is alone."""
        return 0 if self._breaker.is_open else self._pace.take_more(most)

    @property
    def is_left_alone(self) -> bool:
        """Whether the provider is being left alone: the attempt that `wait` then allows is the probe."""
        return self._breaker.is_open

    def hand_back(self, attempts: int, *, probe: bool) -> None:
        """There was nothing to send for so many attempts that were allowed. probe: nothing for the probe, either."""
        self._pace.give_back(attempts)
        if probe:
            self._breaker.not_tried(self._clock())

    def end_probe(self) -> None:
        """The letter that was let through to try the provider is done with, tried or not: it may have been erased, or
        be one that is left to an agent."""
        self._breaker.end_probe(self._clock())

    async def without_room(self, held: Sequence[DeliveryDocument]) -> frozenset[MessageId]:
        """Return which of these need not be written: they waited for a cap, and still do. Raises TransientError."""
        now = self._clock()
        waiting = frozenset(each.outbound_id for each in held if only_waits(each, now))
        if self._budget is None or not waiting or not await self._budget.is_full(self.name):
            return frozenset()
        return waiting

    async def attempt(
        self, letter: Letter, held: DeliveryDocument, begin: Begin, stands_for: Sequence[DeliveryDocument] = ()
    ) -> Outcome:
        """Settle earlier attempts, if any, or send. begin: says whether it may, at the last moment.

        stands_for: the receipts that the letter is of, where that is not `held` alone.

        Raises TransientError when the provider took nothing, or the store is away.
        """
        if wait := self._pace.take_for(letter.recipient, self._clock()):
            return Waiting("too-fast", wait)
        if held.unsettled_since is not None:
            known = await self._known(letter)
            if known is not None:
                return known
            if held.copies > self._sender.repeats:
                return Undecided(held.reason or NO_ANSWER)
        if isinstance(letter, LateLetter):
            return await self._stayed(letter, held, stands_for, no_more(held, OUTSIDE_WINDOW))
        charge = await self._budget.take(letter, held) if self._budget is not None else None
        if isinstance(charge, NoRoom | Barred):
            return await self._stayed(letter, held, stands_for, charge)
        try:
            outcome, stayed = await self._begun(letter, held, begin, stands_for)
        except (GuichetError, UnsentBugError):  # the provider took nothing, or was not asked
            await self._take_back(charge)
            raise
        if stayed:
            await self._take_back(charge)
        return outcome

    async def _stayed(
        self, letter: Letter, held: DeliveryDocument, stands_for: Sequence[DeliveryDocument], why: Outcome
    ) -> Outcome:
        """Return why nothing is sent; what the journal knows to have left goes by no other way, either."""
        self._pace.give_back()
        stood = await self._journal.standings(sending_ids(held, stands_for))
        return await self._of_before(letter, held, {*stood.values()}) or why

    async def send_once(self, letter: Letter, begin: Begin) -> Outcome:
        """Send what is sent once at most: it is left where it may have left before. begin: see `attempt`.

        Raises TransientError when the provider took nothing, or the store is away.
        """
        if wait := self._pace.take_for(letter.recipient, self._clock()):
            self.hand_back(1, probe=self.is_left_alone)
            return Waiting("too-fast", wait)
        try:
            if not await begin():
                return Lost()
            if await self._journal.begin([letter.outbound_id]):
                return Undecided(NO_ANSWER)
            return await self._hand_over(letter, [letter.outbound_id])
        finally:
            self.end_probe()

    async def _begun(
        self, letter: Letter, held: DeliveryDocument, begin: Begin, stands_for: Sequence[DeliveryDocument]
    ) -> tuple[Outcome, bool]:
        """Send, if it may still leave and has not long left; say, too, whether this attempt surely brought nothing."""
        if not await begin():
            return Lost(), True
        if forgotten := await self._forgotten(letter, held, stands_for):
            is_counted = held.unsettled_since is not None  # by the attempt before, which the store still knows
            return forgotten, is_counted or is_known_failed(forgotten)
        outcome = await self._send(letter, held, stands_for)
        if letter.template is not None and isinstance(outcome, Concluded) and has_left(outcome):
            outcome = replace(outcome, reason=BY_TEMPLATE)
        return outcome, surely_stayed(outcome)

    async def _take_back(self, charge: Charge | None) -> None:
        if self._budget is not None and charge is not None:
            await self._budget.give_back(charge)

    async def _send(
        self, letter: Letter, held: DeliveryDocument, stands_for: Sequence[DeliveryDocument]
    ) -> ProviderOutcome:
        if held.unsettled_since is not None:
            log.warning("sent again in doubt", lane=self.name, outbound_id=letter.outbound_id)
            POSSIBLE_DOUBLES.labels(letter.channel).inc()
        return await self._hand_over(letter, sending_ids(held, stands_for))

    async def _hand_over(self, letter: Letter, ids: Sequence[str]) -> ProviderOutcome:
        """Have the sender send, and the journal know what came of it."""
        try:
            with self._noting_trouble():
                outcome = await self._sender.send(letter)
        except (GuichetError, UnsentBugError):  # the provider took nothing
            await self._note(self._journal.withdraw, ids)
            raise
        if isinstance(outcome, Doubtful):
            self._note_failure()
        else:
            await self._note(self._journal.left if has_left(outcome) else self._journal.withdraw, ids)
            self._note_success()
        return outcome

    async def _note(self, write: Callable[[Sequence[str]], Awaitable[None]], ids: Sequence[str]) -> None:
        """What became of a send is told whatever happens to the journal, where it then stays "begun"."""
        try:
            await write(ids)
        except TransientError as exc:
            log.warning("what left is not noted in the journal", lane=self.name, error=str(exc))

    async def left_before(self, held: Sequence[DeliveryDocument]) -> list[DeliveryDocument]:
        """Return which of these have left, though the store has forgotten it. Raises TransientError."""
        stood = await self._journal.standings([sending_id(each) for each in held])
        return [each for each in held if stood.get(sending_id(each)) is Standing.LEFT]

    async def _forgotten(
        self, letter: Letter, held: DeliveryDocument, stands_for: Sequence[DeliveryDocument]
    ) -> Outcome | None:
        """Note in the journal that the letter is about to leave. Return what became of it where the journal knows that
        it left, or that it may have, of which the store knows nothing: it was put back since. None: it may leave.
        """
        stood = await self._journal.begin(sending_ids(held, stands_for))
        return await self._of_before(letter, held, {*stood.values()})

    async def _of_before(self, letter: Letter, held: DeliveryDocument, stood: Collection[Standing]) -> Outcome | None:
        """Return what became of a letter of which the journal says this; None where the store knows as much."""
        if not stood or (held.unsettled_since is not None and stood == {Standing.BEGUN}):
            return None
        log.warning("the journal knows of a send that the store forgot", lane=self.name, outbound_id=held.outbound_id)
        if known := await self._known(letter):
            return known
        if Standing.LEFT in stood:
            return sent()
        return None if self._sender.repeats else Undecided(NO_ANSWER)

    async def _known(self, letter: Letter) -> Concluded | None:
        """Return what became of earlier attempts; None: nobody knows, or the provider cannot be asked.

        A callback may have told of it meanwhile: an id that is this delivery's own already settles it.
        """
        with self._noting_trouble():
            candidates = await self._sender.settle(letter)
        ids = [each.provider_id for each in candidates if each.provider_id is not None]
        taken = await self._taken(self.name, ids, letter.outbound_id) if ids else set()
        known = next((each for each in candidates if each.provider_id not in taken), None)
        if known is not None:
            self._note_success()
        return known

    @contextmanager
    def _noting_trouble(self) -> Iterator[None]:
        """Note that the provider does not work, or when it wants to be asked again."""
        try:
            yield
        except ThrottledError as exc:
            self._breaker.pause(self._clock(), exc.retry_after)
            raise
        except TransientError:
            self._note_failure()
            raise

    def _note_failure(self) -> None:
        self._breaker.failed(self._clock())
        if self._breaker.is_open:
            raise_alarm(Alarm.PROVIDER_DOWN, self.name)

    def _note_success(self) -> None:
        self._breaker.succeeded()
        clear_alarm(Alarm.PROVIDER_DOWN, self.name)


def sending_id(held: DeliveryDocument) -> str:
    """Name one message that leaves: a part of an answer, or what an agent has sent again, is one of its own. Pure."""
    return ":".join((held.outbound_id, f"part{held.parts_sent}", f"again{len(held.decisions)}"))


def sending_ids(held: DeliveryDocument, stands_for: Sequence[DeliveryDocument]) -> list[str]:
    """Return the ids that a letter is noted under. Pure."""
    return [sending_id(each) for each in stands_for or (held,)]


def is_known_failed(outcome: Outcome) -> bool:
    """Return whether the provider says that it never took the message: any other one may be billed. Pure."""
    return isinstance(outcome, Concluded) and outcome.state is DeliveryState.FAILED


def has_left(outcome: Outcome) -> bool:
    """Return whether the provider has the message. Pure."""
    return isinstance(outcome, Concluded) and outcome.state in LEFT
