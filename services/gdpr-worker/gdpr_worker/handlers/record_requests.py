"""What happens on a privacy request."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final

import structlog

from gdpr_worker.domain.erasure import blinded, cancelled
from guichet.contracts.privacy import CancelErasure, ErasureRequested, PrivacyRequestRecorded
from guichet.contracts.topics import PRIVACY_EVENTS
from guichet.data_subject.authority import kept
from guichet.errors import PermanentError
from guichet.ids import CitizenId, EventId, event_id
from guichet.kafka.produce.publisher import Publication, Publisher
from guichet.privacy.signing.records import Signed
from guichet.vault.erasure_ledger.entry import ErasureEntry
from guichet.vault.erasure_ledger.ledger import ErasureLedger

log = structlog.get_logger()

_AN_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


async def record_request(
    asked: ErasureRequested, signed: Signed, *, ledger: ErasureLedger, publisher: Publisher, wake: Callable[[], None]
) -> None:
    """Enter the erasure into the ledger, then say so. Erasing follows from the entry.

    Raises TransientError; PermanentError for an id that nobody should be told to type.
    """
    if not _AN_ID.fullmatch(asked.event_id):
        raise PermanentError("the id of a request to erase is no id", reason="unreadable")
    await ledger.add(ErasureEntry.of(asked, kept(signed)))
    wake()
    recorded = PrivacyRequestRecorded(
        event_id=event_id(asked.event_id, "PrivacyRequestRecorded"),
        occurred_at=asked.occurred_at,
        request_id=asked.event_id,
    )
    await publisher.publish(Publication(PRIVACY_EVENTS, recorded))


async def cancel_erasure(
    asked: CancelErasure, *, ledger: ErasureLedger, tag: Callable[[CitizenId], str], clock: Callable[[], datetime]
) -> None:
    """Stop an erasure that has not begun; one that has goes on. Raises TransientError, PermanentError."""
    while True:
        entry = await ledger.find(EventId(asked.request_id))
        if entry is None:
            raise PermanentError(f"no erasure {asked.request_id} to cancel", reason="unknown-erasure")
        if not entry.can_be_cancelled:
            log.warning("an erasure is not cancelled", request_id=entry.request_id, step=entry.step)
            return
        if await ledger.replace_if_unchanged(blinded(cancelled(entry, clock()), tag)):
            log.info("an erasure is cancelled", request_id=entry.request_id)
            return
