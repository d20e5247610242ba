"""What a crash counts against. Pure.

Kafka keeps a few bytes with every committed offset. There a worker leaves a mark: CLEAN when it let go of the partition
in order, OPEN while it works on it, and how often the very next record was alone in work and the process did not come
back. Whoever takes over an OPEN partition handles its first records one by one: only so can a crash be blamed on one
message, and a crash loop end in the dead letters.
"""

from dataclasses import dataclass
from typing import Final, Self

from aiokafka.structs import TopicPartition

MOST_ATTEMPTS: Final = (
    3  # a worker killed twice from outside over the same message is bad luck, three times is the message
)


@dataclass(frozen=True)
class Mark:
    """What a commit says about its partition. attempts: at the committed offset, alone in work, without return."""

    clean: bool = False
    attempts: int = 0

    def __str__(self) -> str:
        return "clean" if self.clean else f"open {self.attempts}"

    @classmethod
    def read(cls, metadata: str) -> Self:
        """Read what a commit holds. What another tool wrote (kafka-consumer-groups resets write nothing) is clean."""
        word, _, attempts = metadata.partition(" ")
        return cls(clean=False, attempts=int(attempts)) if word == "open" and attempts.isdigit() else cls(clean=True)


CLEAN: Final = Mark(clean=True)
OPEN: Final = Mark()


class Suspects:
    """The records that are handled alone because a crash may be theirs."""

    def __init__(self) -> None:
        self._until: dict[TopicPartition, int] = {}
        self._attempts: dict[TopicPartition, tuple[int, int]] = {}

    def take_over(self, place: TopicPartition, offset: int, mark: Mark, batch_size: int) -> None:
        """Judge a partition by the mark of whoever held it last; a batch never held more than `batch_size` records."""
        self.forget(place)
        if not mark.clean:
            self._until[place] = offset + batch_size
            self._attempts[place] = (offset, mark.attempts)

    def forget(self, place: TopicPartition) -> None:
        """The partition went to another worker."""
        self._until.pop(place, None)
        self._attempts.pop(place, None)

    def is_alone(self, place: TopicPartition, offset: int) -> bool:
        """Return whether this record is taken by itself."""
        return offset < self._until.get(place, -1)

    def attempts(self, place: TopicPartition, offset: int) -> int:
        """Return how often this record was alone in work when a process ended."""
        at, attempts = self._attempts.get(place, (-1, 0))
        return attempts if at == offset else 0
