"""Where groups go on after a restore: nothing is skipped that the data does not hold, nothing past a topic's end."""

from aiokafka.structs import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from guichet.kafka.admin.offsets import Lag
from guichet.mongo.backup_files import GroupOffset
from guichet_cli.backup.offsets import offsets_of, resume

PLACE = TopicPartition("inbound-sms", 2)


def lag(committed: int | None, begin: int, end: int) -> Lag:
    return Lag("case-router", PLACE.topic, PLACE.partition, committed, begin, end)


def stood(offset: int | None) -> list[GroupOffset]:
    return [GroupOffset(group="case-router", topic=PLACE.topic, partition=PLACE.partition, offset=offset)]


def test_what_came_since_is_handled() -> None:
    resumption = resume(stood(10), [lag(25, 3, 30)])
    assert resumption.offsets == {"case-router": {PLACE: 10}}
    assert (resumption.again, resumption.trimmed, resumption.ahead) == (20, 0, 0)


def test_it_is_counted_also_where_groups_went_back_before() -> None:
    """`guichet restore make-way`, which a way back begins with, has set them back already."""
    assert resume(stood(10), [lag(10, 3, 30)]).again == 20


def test_what_was_trimmed_meanwhile_is_told() -> None:
    resumption = resume(stood(10), [lag(25, 18, 30)])
    assert resumption.offsets == {"case-router": {PLACE: 18}}
    assert (resumption.again, resumption.trimmed) == (12, 8)


def test_a_group_that_had_never_committed_begins_at_the_first_record() -> None:
    assert resume(stood(None), [lag(25, 3, 30)]).offsets == {"case-router": {PLACE: 3}}
    assert resume([], [lag(None, 3, 30)]).offsets == {"case-router": {PLACE: 3}}


def test_on_a_new_broker_everything_that_it_holds_is_handled() -> None:
    resumption = resume(stood(1_000), [lag(None, 0, 4)])
    assert resumption.offsets == {"case-router": {PLACE: 0}}
    assert resumption.ahead == 1


@given(
    before=st.none() | st.integers(0, 100),
    begin=st.integers(0, 50),
    length=st.integers(0, 50),
    committed=st.none() | st.integers(0, 100),
)
def test_an_offset_is_one_that_the_topic_holds(
    before: int | None, begin: int, length: int, committed: int | None
) -> None:
    resumption = resume(stood(before), [lag(committed, begin, begin + length)])
    [offset] = resumption.offsets["case-router"].values()
    assert begin <= offset <= begin + length
    assert before is None or offset <= max(before, begin)
    assert resumption.again >= 0
    assert resumption.trimmed >= 0


def test_the_manifest_keeps_where_groups_stood() -> None:
    assert offsets_of([lag(7, 0, 9), lag(None, 0, 9)]) == (*stood(7), *stood(None))
