"""What one member of a group has finished on the partitions it holds, and what its next commit says. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from aiokafka.structs import OffsetAndMetadata, TopicPartition

from guichet.kafka.attempts import CLEAN, Mark, Suspects
from guichet.kafka.records import RawRecord

Commit = Mapping[TopicPartition, OffsetAndMetadata]


class Progress:
    """The first offset that is not finished, per partition; records are finished in each partition's own order."""

    def __init__(self, batch_size: int) -> None:
        self._batch_size = batch_size
        self._next: dict[TopicPartition, int] = {}
        self._uncommitted: set[TopicPartition] = set()
        self._suspects = Suspects()

    @property
    def held(self) -> list[TopicPartition]:
        """The partitions whose work is ours."""
        return sorted(self._next)

    def take_over(self, partition: TopicPartition, offset: int, mark: Mark) -> None:
        """Begin a partition at its committed offset, under the mark of whoever held it last."""
        self._next[partition] = offset
        self._suspects.take_over(partition, offset, mark, self._batch_size)
        if mark.clean:
            self._uncommitted.add(partition)  # the next commit says that it is open

    def forget(self, partitions: Iterable[TopicPartition]) -> None:
        """Other members hold these now."""
        for partition in list(partitions):
            self._next.pop(partition, None)
            self._uncommitted.discard(partition)
            self._suspects.forget(partition)

    def begin(self, batch: Sequence[RawRecord]) -> Commit:
        """Return the note that watched partitions have records of this batch in work, taken together."""
        in_work = Counter(record.topic_partition for record in batch if self._is_noted(record))
        return {
            partition: OffsetAndMetadata(self._next[partition], str(Mark(in_work=records)))
            for partition, records in in_work.items()
        }

    def _is_noted(self, record: RawRecord) -> bool:
        watched = self._suspects.is_watched(record.topic_partition, record.offset)
        return watched and record.topic_partition in self._next and not self.is_alone(record)

    def finished(self, part: Sequence[RawRecord]) -> None:
        """Every effect of these records is durable, or they are dead letters."""
        for partition, last in {record.topic_partition: record for record in part}.items():
            if partition in self._next:  # else it was taken away meanwhile, and its new owner repeats it
                self._next[partition] = last.offset + 1
                self._uncommitted.add(partition)

    def next_commit(self) -> Commit:
        """Return what is finished and not committed yet; it counts as committed from now on."""
        partitions, self._uncommitted = self._uncommitted, set()
        return {
            partition: OffsetAndMetadata(self._next[partition], str(self._mark(partition))) for partition in partitions
        }

    def alone(self, record: RawRecord, attempts: int) -> Commit:
        """Return the note that this record is alone in work, for so many times without return."""
        if record.topic_partition not in self._next:
            return {}
        left = self._suspects.alone_from(record.topic_partition, record.offset)
        return {record.topic_partition: OffsetAndMetadata(record.offset, str(Mark(attempts=attempts, in_work=left)))}

    def _mark(self, partition: TopicPartition) -> Mark:
        return Mark(in_work=self._suspects.alone_from(partition, self._next[partition]))

    def last_commit(self) -> Commit:
        """Return every partition's next offset, marked as left in order."""
        self._uncommitted = set()
        return {partition: OffsetAndMetadata(offset, str(CLEAN)) for partition, offset in self._next.items()}

    def is_alone(self, record: RawRecord) -> bool:
        """Return whether this record is handled by itself."""
        return self._suspects.is_alone(record.topic_partition, record.offset)

    def attempts(self, record: RawRecord) -> int:
        """Return how often it was alone in work when a process ended."""
        return self._suspects.attempts(record.topic_partition, record.offset)

    def waiting(self, ends: Mapping[TopicPartition, int]) -> int:
        """Return how many records lie between what is finished and these ends."""
        return sum(max(0, end - self._next.get(partition, end)) for partition, end in ends.items())
