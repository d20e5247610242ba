from aiokafka.structs import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from gdpr_worker.trimming import plan_trim
from guichet.contracts.topics import CASE_EVENTS, PRIVACY_EVENTS
from guichet.kafka.offsets import Lag

PLACE = TopicPartition("case-events", 0)


def a_lag(committed: int | None, *, group: str = "notifier", begin: int = 0, end: int = 100) -> Lag:
    return Lag(group, PLACE.topic, PLACE.partition, committed, begin, end)


def test_what_is_old_and_handled_goes():
    assert plan_trim(CASE_EVENTS, [a_lag(60)], {PLACE: 0}, {PLACE: 40}) == {PLACE: 40}


def test_what_is_old_but_not_handled_stays():
    assert plan_trim(CASE_EVENTS, [a_lag(10)], {PLACE: 0}, {PLACE: 40}) == {PLACE: 10}


def test_a_group_that_never_committed_keeps_everything():
    assert plan_trim(CASE_EVENTS, [a_lag(None)], {PLACE: 0}, {PLACE: 40}) == {}


def test_a_registered_group_that_is_not_in_the_answer_keeps_everything():
    assert plan_trim(CASE_EVENTS, [], {PLACE: 0}, {PLACE: 40}) == {}


def test_a_topic_that_no_group_reads_is_trimmed_by_age_alone():
    place = TopicPartition("privacy-events", 0)
    assert plan_trim(PRIVACY_EVENTS, [], {place: 3}, {place: 9}) == {place: 9}


@given(
    committed=st.none() | st.integers(0, 100),
    begin=st.integers(0, 100),
    first_kept=st.integers(0, 100),
)
def test_nothing_unhandled_or_young_ever_goes(committed, begin, first_kept):
    plan = plan_trim(CASE_EVENTS, [a_lag(committed, begin=begin)], {PLACE: begin}, {PLACE: first_kept})
    for limit in plan.values():
        assert begin < limit <= min(committed or 0, first_kept)
