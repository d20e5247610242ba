"""What was on its way when a person was diverted, and whether it is filed: read from the broker."""

from collections.abc import Iterable, Sequence
from typing import Any

from guichet.contracts.topics import INBOUND, Topic
from guichet.kafka.admin.offsets import Lag, Offsets
from guichet.runtime.settings import KafkaSettings
from guichet.vault.erasure_ledger.entry import BarrierOffset


class KafkaBarrier:
    """The ends of the inbound topics, and who has not come so far. Every method raises TransientError.

    It connects to the broker for each question: erasures are rare.
    """

    def __init__(self, kafka: KafkaSettings, topics: Sequence[Topic[Any]] = INBOUND) -> None:
        self._kafka = kafka
        self._topics = topics

    async def now(self) -> tuple[BarrierOffset, ...]:
        """Return the end of every partition of every inbound topic."""
        async with Offsets(self._kafka) as offsets:
            ends = await offsets.ends(await offsets.partitions([topic.name for topic in self._topics]))
        return tuple(
            BarrierOffset(topic=where.topic, partition=where.partition, offset=end)
            for where, end in sorted(ends.items())
        )

    async def behind(self, barrier: Sequence[BarrierOffset]) -> frozenset[tuple[str, str]]:
        """Return the registered groups, each with its topic, that have not committed past the barrier."""
        async with Offsets(self._kafka) as offsets:
            return behind(barrier, await offsets.lags(self._topics))


def behind(barrier: Iterable[BarrierOffset], lags: Iterable[Lag]) -> frozenset[tuple[str, str]]:
    """Return the groups, each with its topic, that have not committed past the barrier: what is not filed holds on.

    A group that never committed on a partition goes on from its beginning, so an empty partition holds nobody up.
    """
    ends = {(end.topic, end.partition): end.offset for end in barrier}
    return frozenset(
        (lag.group, lag.topic) for lag in lags if lag.next_offset < ends.get((lag.topic, lag.partition), 0)
    )
