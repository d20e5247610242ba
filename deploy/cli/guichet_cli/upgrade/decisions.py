"""What a version decides about itself: commands and requests, which the next one would read as this one wrote them."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final, Protocol

from guichet.contracts.topics import CASE_COMMANDS, CITIZEN_COMMANDS, PRIVACY_REQUESTS, Topic
from guichet.kafka.admin.offsets import Lag

DECIDING: Final[tuple[Topic[Any], ...]] = (CASE_COMMANDS, CITIZEN_COMMANDS, PRIVACY_REQUESTS)
AT_MOST: Final = timedelta(minutes=2)
LOOKING_EVERY: Final = timedelta(seconds=1)


class KnowsLags(Protocol):
    """Where groups stand."""

    async def lags(self, topics: Iterable[Topic[Any]]) -> list[Lag]:
        """Return every group on every partition. Raises TransientError."""


async def undecided(offsets: KnowsLags) -> int:
    """Return how many decisions wait. Raises TransientError."""
    return sum(lag.records for lag in await offsets.lags(DECIDING))
