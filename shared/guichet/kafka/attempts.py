"""What a crash counts against. Pure.

Kafka keeps a few bytes with every committed offset. There a worker leaves a mark: CLEAN when it let go of the partition
in order, OPEN while it works on it. Most crashes are nobody's fault (a machine died, the system took the memory), so
whoever takes over an OPEN partition goes on in whole batches and only notes, before each of the first ones, how many
records of it are in work. Who finds such a note has seen two crashes near one offset: it handles those records one by
one and notes how often the very next one was alone in work. Only so can a crash be blamed on one message, and a crash
loop end in the dead letters; and only so is a worker that was killed back at full speed.
"""

from dataclasses import dataclass
from typing import Final, Self

from aiokafka.structs import TopicPartition

MOST_ATTEMPTS: Final = (
    3  # a worker killed twice from outside over the same message is bad luck, three times is the message
)


@dataclass(frozen=True)
class Mark:
    """What a commit says about its partition.

    in_work: how many records from the committed offset on were in work under suspicion. attempts: at the committed
    offset, alone in work, without return.
    """

    clean: bool = False
    attempts: int = 0
    in_work: int = 0

    def __str__(self) -> str:
        return "clean" if self.clean else f"open {self.attempts} {self.in_work}"

    @classmethod
    def read(cls, metadata: str) -> Self:
        """Read what a commit holds. What another tool wrote (kafka-consumer-groups resets write nothing) is clean."""
        word, *numbers = metadata.split(" ")
        if word != "open" or not numbers or not all(number.isdecimal() for number in numbers):
            return cls(clean=True)
        attempts, in_work, *_ = [*map(int, numbers), 0]
        return cls(attempts=attempts, in_work=max(in_work, min(attempts, 1)))


CLEAN: Final = Mark(clean=True)
OPEN: Final = Mark()


class Suspects:
    """The records that are watched, and those that are handled alone because a crash may be theirs."""

    def __init__(self) -> None:
        self._watched_until: dict[TopicPartition, int] = {}
        self._alone_until: dict[TopicPartition, int] = {}
        self._attempts: dict[TopicPartition, tuple[int, int]] = {}

    def take_over(self, partition: TopicPartition, offset: int, mark: Mark, batch_size: int) -> None:
        """Judge a partition by the mark of whoever held it last; a batch never held more than `batch_size` records."""
        self.forget(partition)
        if mark.clean:
            return
        self._watched_until[partition] = offset + batch_size
        self._alone_until[partition] = offset + mark.in_work
        self._attempts[partition] = (offset, mark.attempts)

    def forget(self, partition: TopicPartition) -> None:
        """The partition went to another worker."""
        for known in (self._watched_until, self._alone_until, self._attempts):
            known.pop(partition, None)

    def is_watched(self, partition: TopicPartition, offset: int) -> bool:
        """Return whether it is noted that this record is in work."""
        return offset < self._watched_until.get(partition, -1)

    def is_alone(self, partition: TopicPartition, offset: int) -> bool:
        """Return whether this record is taken by itself."""
        return offset < self._alone_until.get(partition, -1)

    def alone_from(self, partition: TopicPartition, offset: int) -> int:
        """Return how many records from here on are still taken by themselves."""
        return max(0, self._alone_until.get(partition, offset) - offset)

    def attempts(self, partition: TopicPartition, offset: int) -> int:
        """Return how often this record was alone in work when a process ended."""
        at, attempts = self._attempts.get(partition, (-1, 0))
        return attempts if at == offset else 0
