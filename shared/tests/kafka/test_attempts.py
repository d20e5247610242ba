import pytest
from aiokafka.structs import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from guichet.kafka.attempts import CLEAN, OPEN, Mark, Suspects

PLACE = TopicPartition("knocks", 0)


@given(st.builds(Mark, attempts=st.integers(0, 9), in_work=st.integers(1, 500)) | st.just(CLEAN) | st.just(OPEN))
def test_a_mark_survives_its_commit(mark: Mark) -> None:
    assert Mark.read(str(mark)) == mark


@pytest.mark.parametrize("foreign", ["", "reset by an operator", "open", "open many", "open 1 many"])
def test_what_another_tool_wrote_accuses_nobody(foreign: str) -> None:
    assert Mark.read(foreign).clean


def test_after_an_orderly_stop_nothing_stands_alone() -> None:
    suspects = Suspects()
    suspects.take_over(PLACE, 10, CLEAN, batch_size=500)
    assert not suspects.is_alone(PLACE, 10)


def test_the_mark_of_an_earlier_version_is_read() -> None:
    assert Mark.read("open 0") == OPEN
    assert Mark.read("open 2") == Mark(attempts=2, in_work=1)


def test_after_one_crash_a_batch_is_watched_and_nothing_stands_alone() -> None:
    suspects = Suspects()
    suspects.take_over(PLACE, 10, OPEN, batch_size=500)
    assert not suspects.is_alone(PLACE, 10)
    assert suspects.is_watched(PLACE, 10)
    assert suspects.is_watched(PLACE, 509)
    assert not suspects.is_watched(PLACE, 510)
    assert not suspects.is_watched(TopicPartition("knocks", 1), 10)


def test_after_two_crashes_what_was_in_work_stands_alone_and_no_more() -> None:
    suspects = Suspects()
    suspects.take_over(PLACE, 10, Mark(in_work=3), batch_size=500)
    assert [suspects.is_alone(PLACE, offset) for offset in (10, 12, 13)] == [True, True, False]
    assert suspects.alone_from(PLACE, 11) == 2
    assert suspects.alone_from(PLACE, 400) == 0
    assert not suspects.is_alone(TopicPartition("knocks", 1), 10)


def test_attempts_count_against_the_record_that_was_alone_only() -> None:
    suspects = Suspects()
    suspects.take_over(PLACE, 10, Mark(attempts=2, in_work=4), batch_size=500)
    assert suspects.attempts(PLACE, 10) == 2
    assert suspects.attempts(PLACE, 11) == 0


def test_a_partition_that_went_to_another_worker_is_forgotten() -> None:
    suspects = Suspects()
    suspects.take_over(PLACE, 10, Mark(attempts=2, in_work=4), batch_size=500)
    suspects.forget(PLACE)
    assert not suspects.is_alone(PLACE, 10)
    assert not suspects.is_watched(PLACE, 10)
    assert suspects.attempts(PLACE, 10) == 0
