"""One attempt, from a letter to an outcome that can be recorded: every trouble becomes one."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final, TypeVar

import structlog

from guichet.contracts.delivery import DeliveryState
from guichet.errors import ErasedError, KeyMissingError, PermanentError, ThrottledError, TransientError
from guichet.runtime.alarms import Alarm, raise_alarm
from guichet.store.delivery_document import DeliveryDocument
from notifier.account import Account
from notifier.backoff import is_hopeless
from notifier.letter import Letter
from notifier.outcomes import Concluded, Deferred, Doubtful, Outcome, failed

T = TypeVar("T")

log = structlog.get_logger()

POLL: Final = timedelta(seconds=1)  # how long another process's intent may wait to be seen
BUG: Final = "internal-error"
BUGS_BORNE: Final = 5  # attempts: a bug behind the send must not write to a citizen for days


async def attempted(account: Account, letter: Letter | Exception, held: DeliveryDocument, now: datetime) -> Outcome:
    """Attempt a delivery; return what became of it, for good where it has been tried for long enough."""
    outcome = await _attempted(account, letter, held)
    if isinstance(outcome, Deferred | Doubtful) and is_hopeless(held.requested_at, now):
        return failed("gave-up")
    return outcome


async def _attempted(account: Account, letter: Letter | Exception, held: DeliveryDocument) -> Outcome:
    try:
        if isinstance(letter, Exception):
            raise letter
        return await account.attempt(letter, held.unsettled_since)
    except ErasedError:
        return Concluded(DeliveryState.WITHHELD, "erased")
    except KeyMissingError:  # not the letter's fault: with the right vault it can be written
        return Deferred("key-missing")
    except PermanentError as exc:
        return failed(exc.reason)
    except TransientError as exc:
        log.warning("not sent now", lane=account.name, outbound_id=held.outbound_id, error=str(exc))
        return Deferred("trouble", exc.retry_after if isinstance(exc, ThrottledError) else None)
    except Exception:
        log.exception("a bug while sending", lane=account.name, outbound_id=held.outbound_id)
        raise_alarm(Alarm.BUG, f"notifier:{account.name}")
        return Doubtful(BUG) if held.attempts < BUGS_BORNE else failed(BUG)


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
