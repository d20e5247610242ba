from aiokafka.structs import OffsetAndMetadata, TopicPartition

from guichet.kafka.attempts import CLEAN, OPEN, Mark
from guichet.kafka.consume.progress import Progress
from guichet_testing.builders.records import a_raw_record

PLACE, OTHER = TopicPartition("knocks", 0), TopicPartition("knocks", 1)


def progress_at(offset: int) -> Progress:
    progress = Progress(batch_size=500)
    progress.take_over(PLACE, offset, OPEN)
    return progress


def test_only_what_is_finished_is_committed() -> None:
    progress = progress_at(5)
    assert progress.next_commit() == {}
    progress.finished([a_raw_record(5), a_raw_record(6)])
    assert progress.next_commit() == {PLACE: OffsetAndMetadata(7, "open 0 0")}
    assert progress.next_commit() == {}


def test_a_partition_left_in_order_is_opened_by_its_first_commit() -> None:
    progress = Progress(batch_size=500)
    progress.take_over(PLACE, 5, CLEAN)
    assert progress.next_commit() == {PLACE: OffsetAndMetadata(5, "open 0 0")}


def test_the_last_commit_closes_every_partition_even_one_without_work() -> None:
    progress = progress_at(5)
    progress.take_over(OTHER, 9, OPEN)
    progress.finished([a_raw_record(5)])
    assert progress.last_commit() == {PLACE: OffsetAndMetadata(6, "clean"), OTHER: OffsetAndMetadata(9, "clean")}


def test_what_another_member_holds_now_is_not_committed_here() -> None:
    progress = progress_at(5)
    progress.forget([PLACE])
    progress.finished([a_raw_record(5)])
    assert progress.next_commit() == {}
    assert progress.last_commit() == {}


def test_what_a_watched_partition_has_in_work_is_noted_where_it_begins() -> None:
    progress = progress_at(5)
    progress.take_over(OTHER, 0, CLEAN)
    batch = [a_raw_record(5), a_raw_record(6), a_raw_record(0, partition=1)]
    assert progress.begin(batch) == {PLACE: OffsetAndMetadata(5, "open 0 2")}
    progress.finished(batch)
    assert progress.next_commit()[PLACE] == OffsetAndMetadata(7, "open 0 0")
    assert progress.begin([a_raw_record(504), a_raw_record(505)]) == {PLACE: OffsetAndMetadata(7, "open 0 1")}
    assert progress.begin([a_raw_record(505)]) == {}


def test_what_stands_alone_is_noted_by_itself_with_what_is_left_to_be_alone() -> None:
    progress = Progress(batch_size=500)
    progress.take_over(PLACE, 5, Mark(in_work=3))
    assert progress.begin([a_raw_record(5), a_raw_record(6)]) == {}
    assert progress.alone(a_raw_record(5), 1) == {PLACE: OffsetAndMetadata(5, "open 1 3")}
    progress.finished([a_raw_record(5)])
    assert progress.next_commit() == {PLACE: OffsetAndMetadata(6, "open 0 2")}
    progress.finished([a_raw_record(6), a_raw_record(7)])
    assert progress.next_commit() == {PLACE: OffsetAndMetadata(8, "open 0 0")}


def test_waiting_counts_what_is_not_finished() -> None:
    progress = progress_at(5)
    assert progress.waiting({PLACE: 9, OTHER: 100}) == 4
    progress.finished([a_raw_record(5), a_raw_record(6), a_raw_record(7), a_raw_record(8)])
    assert progress.waiting({PLACE: 9}) == 0
