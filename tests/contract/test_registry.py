"""The registry of topics is whole: everyone named exists, nobody is forgotten."""

from collections import Counter
from pathlib import Path

import pytest

from guichet.contracts.flow import FLOW
from guichet.contracts.golden import event_types
from guichet.contracts.topics import PRIVACY_REQUESTS, TOPICS

ROOT = Path(__file__).parents[2]
SERVICES = {path.name for path in (ROOT / "services").iterdir() if path.is_dir()} | {"guichet-cli"}


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_producers_consumers_and_owner_exist(topic):
    named = {*topic.producers, *(consumer.service for consumer in topic.consumers), topic.owner}
    assert named <= SERVICES


def test_names_are_plural_kebab_nouns_and_unique():
    names = [topic.name for topic in TOPICS]
    assert len(set(names)) == len(names)
    assert all(name == name.lower() and "_" not in name for name in names)


def test_every_group_has_a_deed_for_something_on_its_topic():
    for topic in TOPICS:
        for group in topic.groups:
            assert any(edge.service == group and edge.reads in event_types(topic) for edge in FLOW), (
                topic.name,
                group,
            )


def test_every_deed_reads_a_topic_that_registers_its_service_and_publishes_where_it_is_a_producer():
    for edge in FLOW:
        assert any(edge.service in topic.groups and edge.reads in event_types(topic) for topic in TOPICS), edge
        for event in edge.publishes:
            assert any(edge.service in topic.producers and event in event_types(topic) for topic in TOPICS), (
                edge,
                event,
            )


def test_each_deed_stands_once():
    assert not [edge for edge, times in Counter((edge.service, edge.reads) for edge in FLOW).items() if times > 1]


def test_where_records_are_signed_everybody_who_writes_signs_and_a_group_reads():
    for topic in TOPICS:
        if topic.is_signed:
            assert set(topic.producers) == set(topic.signed_by), topic.name
            assert len(topic.groups) == len(topic.consumers), "guichet.kafka.groupless.follow verifies nothing"


def test_whoever_decides_by_a_record_signs_it():
    """A record that names its author is obeyed for that name: on an unsigned topic anybody could write it."""
    for topic in TOPICS:
        authored = {
            kind.__name__ for kind in event_types(topic) if {"issued_by", "requested_by"} & {*kind.model_fields}
        }
        assert topic.signed_by or not authored, (topic.name, authored)


def test_no_one_but_the_gdpr_worker_reads_what_names_a_citizen_across_sectors():
    assert [consumer.service for consumer in PRIVACY_REQUESTS.consumers] == ["gdpr-worker"]
