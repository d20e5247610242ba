from aiokafka.structs import OffsetAndMetadata, TopicPartition

from guichet.kafka.attempts import CLEAN, OPEN
from guichet.kafka.progress import Progress
from guichet.testing.kafka import a_taken

PLACE, OTHER = TopicPartition("knocks", 0), TopicPartition("knocks", 1)


def progress_at(offset: int) -> Progress:
    progress = Progress(batch_size=500)
    progress.take_over(PLACE, offset, OPEN)
    return progress


def test_only_what_is_finished_is_committed() -> None:
    progress = progress_at(5)
    assert progress.next_commit() == {}
    progress.finished([a_taken(5), a_taken(6)])
    assert progress.next_commit() == {PLACE: OffsetAndMetadata(7, "open 0")}
    assert progress.next_commit() == {}


def test_a_partition_left_in_order_is_opened_by_its_first_commit() -> None:
    progress = Progress(batch_size=500)
    progress.take_over(PLACE, 5, CLEAN)
    assert progress.next_commit() == {PLACE: OffsetAndMetadata(5, "open 0")}


def test_the_last_commit_closes_every_partition_even_one_without_work() -> None:
    progress = progress_at(5)
    progress.take_over(OTHER, 9, OPEN)
    progress.finished([a_taken(5)])
    assert progress.last_commit() == {PLACE: OffsetAndMetadata(6, "clean"), OTHER: OffsetAndMetadata(9, "clean")}


def test_what_another_member_holds_now_is_not_committed_here() -> None:
    progress = progress_at(5)
    progress.forget([PLACE])
    progress.finished([a_taken(5)])
    assert progress.next_commit() == {}
    assert progress.last_commit() == {}


def test_waiting_counts_what_is_not_finished() -> None:
    progress = progress_at(5)
    assert progress.waiting({PLACE: 9, OTHER: 100}) == 4
    progress.finished([a_taken(5), a_taken(6), a_taken(7), a_taken(8)])
    assert progress.waiting({PLACE: 9}) == 0
