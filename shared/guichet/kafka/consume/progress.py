"""What one member of a group has finished on the partitions it holds, and what its next commit says. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from aiokafka.structs import OffsetAndMetadata, TopicPartition

from guichet.kafka.attempts import CLEAN, Mark, Suspects
from guichet.kafka.records import RawRecord

Commit = Mapping[TopicPartition, OffsetAndMetadata]


class Progress:
    """The first offset that is not finished, per partition; finished is told in each partition's own order."""

    def __init__(self, batch_size: int) -> None:
        self._batch_size = batch_size
        self._next: dict[TopicPartition, int] = {}
        self._uncommitted: set[TopicPartition] = set()
        self._suspects = Suspects()

    @property
    def held(self) -> list[TopicPartition]:
        """The partitions whose work is ours."""
        return sorted(self._next)

    def take_over(self, place: TopicPartition, offset: int, mark: Mark) -> None:
        """Begin a partition at its committed offset, under the mark of whoever held it last."""
        self._next[place] = offset
        self._suspects.take_over(place, offset, mark, self._batch_size)
        if mark.clean:
            self._uncommitted.add(place)  # the next commit says that it is open

    def forget(self, places: Iterable[TopicPartition]) -> None:
        """Other members hold these now."""
        for place in list(places):
            self._next.pop(place, None)
            self._uncommitted.discard(place)
            self._suspects.forget(place)

    def begin(self, batch: Sequence[RawRecord]) -> Commit:
        """Return the note that watched partitions have records of this batch in work, taken together."""
        in_work = Counter(record.place for record in batch if self._is_noted(record))
        return {
            place: OffsetAndMetadata(self._next[place], str(Mark(in_work=records)))
            for place, records in in_work.items()
        }

    def _is_noted(self, record: RawRecord) -> bool:
        watched = self._suspects.is_watched(record.place, record.offset)
        return watched and record.place in self._next and not self.is_alone(record)

    def finished(self, part: Sequence[RawRecord]) -> None:
        """Every effect of these records is durable, or they are dead letters."""
        for place, last in {record.place: record for record in part}.items():
            if place in self._next:  # else it was taken away meanwhile, and its new owner repeats it
                self._next[place] = last.offset + 1
                self._uncommitted.add(place)

    def next_commit(self) -> Commit:
        """Return what is finished and not committed yet; it counts as committed from now on."""
        places, self._uncommitted = self._uncommitted, set()
        return {place: OffsetAndMetadata(self._next[place], str(self._mark(place))) for place in places}

    def alone(self, record: RawRecord, attempts: int) -> Commit:
        """Return the note that this record is alone in work, for so many times without return."""
        left = self._suspects.alone_from(record.place, record.offset)
        return {record.place: OffsetAndMetadata(record.offset, str(Mark(attempts=attempts, in_work=left)))}

    def _mark(self, place: TopicPartition) -> Mark:
        return Mark(in_work=self._suspects.alone_from(place, self._next[place]))

    def last_commit(self) -> Commit:
        """Return every partition's place, marked as left in order."""
        self._uncommitted = set()
        return {place: OffsetAndMetadata(offset, str(CLEAN)) for place, offset in self._next.items()}

    def is_alone(self, record: RawRecord) -> bool:
        """Return whether this record is handled by itself."""
        return self._suspects.is_alone(record.place, record.offset)

    def attempts(self, record: RawRecord) -> int:
        """Return how often it was alone in work when a process ended."""
        return self._suspects.attempts(record.place, record.offset)

    def waiting(self, ends: Mapping[TopicPartition, int]) -> int:
        """Return how many records lie between what is finished and these ends."""
        return sum(max(0, end - self._next.get(place, end)) for place, end in ends.items())
