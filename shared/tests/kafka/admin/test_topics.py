import pytest

from guichet.contracts.topics import TOPICS
from guichet.kafka.admin.topics import EACH_WRITE, LEFT_TO_THE_SYSTEM, planned
from guichet.kafka.sizes import FETCH_BYTES, LARGEST_RECORD
from guichet_testing.builders.records import a_topic


def test_kafka_itself_never_deletes_a_record() -> None:
    for each in planned(a_topic("worker"), replication=1):
        configuration = each.configuration
        assert configuration["cleanup.policy"] == "delete"
        assert configuration["retention.ms"] == configuration["retention.bytes"] == "-1"


def test_a_topic_and_its_dead_letters_are_created_together() -> None:
    topic = a_topic("worker", partitions=6)
    live, dead = planned(topic, replication=3)
    assert (live.name, live.partitions, live.replication) == (topic.name, 6, 3)
    assert (dead.name, dead.partitions, dead.replication) == (f"{topic.name}-dlq", 1, 3)


def test_three_copies_need_two_in_step() -> None:
    assert planned(a_topic("worker"), 3)[0].configuration["min.insync.replicas"] == "2"
    assert planned(a_topic("worker"), 1)[0].configuration["min.insync.replicas"] == "1"


def test_every_client_can_send_and_fetch_what_any_topic_allows() -> None:
    limits = [
        int(each.configuration["max.message.bytes"]) for topic in TOPICS for each in planned(topic, replication=1)
    ]
    assert max(limits) <= LARGEST_RECORD <= FETCH_BYTES


@pytest.mark.parametrize("copies", [1, 2])  # of two, one may be away, and the other confirms alone
def test_what_one_broker_may_confirm_alone_is_flushed_first(copies: int) -> None:
    for each in planned(a_topic("worker"), replication=copies):
        assert each.configuration["min.insync.replicas"] == "1"
        assert each.configuration.get("flush.messages") == EACH_WRITE


def test_two_brokers_in_step_stand_in_for_the_flush() -> None:
    for each in planned(a_topic("worker"), replication=3):
        assert each.configuration["min.insync.replicas"] == "2"
        assert each.configuration["flush.messages"] == LEFT_TO_THE_SYSTEM
