"""What an operator is told who leaves an erasure to itself (`--detach`): when it begins, and how to cancel it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final, Protocol

from guichet.ids import EventId
from guichet.vault.erasure_ledger.entry import ErasureEntry, ErasureStep
from guichet_cli.erase.texts import no_certificate, not_waiting_yet

AT_MOST: Final = timedelta(seconds=5)  # gdpr-worker tells the DPO first, within a second or two


class FollowsErasure(Protocol):
    """Where an erasure that was asked for is watched."""

    def follow(self, request_id: EventId) -> AsyncIterator[ErasureEntry | None]:
        """Yield the entry whenever it changed; None before gdpr-worker has it."""


async def when_it_begins(requests: FollowsErasure, request_id: EventId, at_most: timedelta = AT_MOST) -> str:
    """Return when an erasure begins and how to cancel it, or how to see that later where no answer comes in time."""
    entry: ErasureEntry | None = None
    try:
        async with asyncio.timeout(at_most.total_seconds()):
            async for entry in requests.follow(request_id):
                if entry is not None and entry.step is not ErasureStep.RECORDED:
                    return no_certificate(entry)
    except TimeoutError:
        pass
    return not_waiting_yet(request_id, entry)
