"""One attempt, from a letter to an outcome that can be recorded: every trouble becomes one."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final, TypeVar

import structlog

from guichet.channel.outgoing.letter import Letter
from guichet.channel.outgoing.outcomes import Concluded, Deferred, Doubtful, Waiting, failed
from guichet.channel.outgoing.sender import UnsentBugError
from guichet.contracts.delivery import DeliveryState
from guichet.errors import ErasedError, KeyMissingError, PermanentError, ThrottledError, TransientError
from guichet.runtime.telemetry.alarms import Alarm, raise_alarm
from guichet.store.deliveries.document import DeliveryDocument
from guichet.town.acknowledgements import MentionMissingError
from notifier.domain.backoff import is_hopeless, put_off
from notifier.domain.draft import AddressGoneError, NotWantedError, OutdatedError, TooManyChangesError
from notifier.domain.outcomes import AddressGone, Outcome, Undecided, no_more
from notifier.handlers.account import Account, Begin

T = TypeVar("T")

log = structlog.get_logger()

POLL: Final = timedelta(seconds=1)  # how long another process's intent may wait to be seen
BUG: Final = "internal-error"
GAVE_UP: Final = "gave-up"
BUGS_BORNE: Final = 5  # attempts; a bug behind the send is a doubt, and they are fewer


class Start:
    """The last moment before a message leaves. begun: whether it may have left from now on."""

    def __init__(self, begin: Begin) -> None:
        self._begin = begin
        self.begun = False

    async def __call__(self) -> bool:
        """Have the store say whether it may leave, and count it. Raises TransientError."""
        self.begun = await self._begin()
        return self.begun


async def attempted(
    account: Account,
    letter: Letter | Exception,
    held: DeliveryDocument,
    begin: Begin,
    now: datetime,
    stands_for: Sequence[DeliveryDocument] = (),
) -> Outcome:
    """Attempt a delivery; return what became of it, for good where its provider has put it off for long enough."""
    if isinstance(letter, AddressGoneError):
        return AddressGone()
    outcome = await _attempted(account, letter, held, Start(begin), stands_for)
    if not _was_put_off(outcome) or not is_hopeless(put_off(held, now)):
        return outcome
    return Undecided(GAVE_UP) if isinstance(outcome, Doubtful) else no_more(held, GAVE_UP)


def _was_put_off(outcome: Outcome) -> bool:
    return isinstance(outcome, Deferred) or (isinstance(outcome, Doubtful) and outcome.denied)


async def _attempted(
    account: Account,
    letter: Letter | Exception,
    held: DeliveryDocument,
    start: Start,
    stands_for: Sequence[DeliveryDocument],
) -> Outcome:
    try:
        if isinstance(letter, Exception):
            raise letter
        return await account.attempt(letter, held, start, stands_for)
    except (ErasedError, NotWantedError, OutdatedError, TooManyChangesError) as exc:
        return Concluded(DeliveryState.WITHHELD, exc.reason)
    except KeyMissingError:  # not the letter's fault: with the right vault it can be written
        return Waiting("key-missing")
    except PermanentError as exc:
        return failed(exc.reason)
    except TransientError as exc:
        log.warning("not sent now", lane=account.name, outbound_id=held.outbound_id, error=str(exc))
        if isinstance(exc, MentionMissingError):  # until the town's files are mended, and a notifier starts with them
            raise_alarm(Alarm.RECEIPT_UNWRITABLE, held.case_id)
        return Waiting("trouble", exc.retry_after if isinstance(exc, ThrottledError) else None)
    except Exception as bug:
        log.exception("a bug while sending", lane=account.name, outbound_id=held.outbound_id)
        raise_alarm(Alarm.SEND_BUG, account.name)
        if isinstance(bug, UnsentBugError):  # for as long as a provider's own trouble: code is mended
            return Deferred(BUG)
        if start.begun:
            return Doubtful(BUG)
        return no_more(held, BUG) if held.bugs + 1 >= BUGS_BORNE else Waiting(BUG, is_bug=True)


async def recorded(record: Callable[[], Awaitable[None]], clock: Callable[[], datetime], patience: timedelta) -> None:
    """Record an outcome, waiting for a store that is away: what is not recorded may be sent twice."""
    deadline = clock() + patience
    while True:
        try:
            await record()
        except TransientError:
            if clock() >= deadline:
                raise
            await asyncio.sleep(POLL.total_seconds())
        else:
            return


async def to_its_end(work: Awaitable[T]) -> T:
    """Await work that a stop must not cut in the middle: half an attempt is a doubtful one."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        with suppress(TransientError):  # a stop remains a stop
            await task
        raise


async def ended(tasks: Collection[asyncio.Task[None]], patience: timedelta) -> None:
    """Let these end, cancelling what has not by then; what became of it is then in doubt."""
    if not tasks:
        return
    _, late = await asyncio.wait(tasks, timeout=patience.total_seconds())
    for task in late:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def raise_troubles(over: Iterable[asyncio.Task[None]]) -> None:
    """Raise what went wrong with one of these tasks, all of them done, if anything did."""
    troubles = [trouble for task in over if (trouble := task.exception()) is not None]
    for trouble in troubles:
        raise trouble
