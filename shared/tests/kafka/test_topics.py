from guichet.contracts.topics import TOPICS
from guichet.kafka.sizes import FETCH_BYTES, LARGEST_RECORD
from guichet.kafka.topics import planned
from guichet.testing.kafka import a_topic


def test_kafka_itself_never_deletes_a_record() -> None:
    for each in planned(a_topic("porter"), replication=1):
        configuration = dict(each.configuration)
        assert configuration["cleanup.policy"] == "delete"
        assert configuration["retention.ms"] == configuration["retention.bytes"] == "-1"


def test_a_topic_and_its_dead_letters_are_created_together() -> None:
    topic = a_topic("porter", partitions=6)
    live, dead = planned(topic, replication=3)
    assert (live.name, live.partitions, live.replication) == (topic.name, 6, 3)
    assert (dead.name, dead.partitions, dead.replication) == (f"{topic.name}-dlq", 1, 3)


def test_three_copies_need_two_in_step() -> None:
    assert dict(planned(a_topic("porter"), 3)[0].configuration)["min.insync.replicas"] == "2"
    assert dict(planned(a_topic("porter"), 1)[0].configuration)["min.insync.replicas"] == "1"


def test_every_client_can_send_and_fetch_what_any_topic_allows() -> None:
    limits = [
        int(dict(each.configuration)["max.message.bytes"]) for topic in TOPICS for each in planned(topic, replication=1)
    ]
    assert max(limits) <= LARGEST_RECORD <= FETCH_BYTES
