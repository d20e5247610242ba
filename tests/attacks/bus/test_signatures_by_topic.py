"""Every signed topic against every service's key, and against each other's true signatures. No server needed."""

from itertools import product
from typing import Any

import pytest
from aiokafka.structs import ConsumerRecord

from guichet.contracts.topics import TOPICS, Topic
from guichet.errors import ForgedError
from guichet.kafka.records import take
from guichet_testing.builders.signers import a_signer, a_verifier

SIGNED = [topic for topic in TOPICS if topic.is_signed]
SERVICES = sorted(
    {name for topic in TOPICS for name in (*topic.producers, *(each.service for each in topic.consumers), topic.owner)}
    | {"citizen-portal", "ops-console", "citizen-sandbox"}
)
KEY, VALUE = b"a key", b"{}"


def refusal(topic: Topic[Any], headers: Any) -> str | None:
    """How a record with these headers is refused on a topic; None: its signature holds."""
    record = ConsumerRecord(topic.name, 0, 0, 0, 0, KEY, VALUE, None, len(KEY), len(VALUE), headers)
    taken = take(record, topic, topic.groups[0], a_verifier(*SERVICES, "ingest-pigeon"))
    assert taken.event is None
    return taken.refused.reason if isinstance(taken.refused, ForgedError) else None


@pytest.mark.parametrize(("topic", "service"), product(SIGNED, SERVICES), ids=lambda each: getattr(each, "name", each))
def test_no_service_decides_where_the_registry_does_not_name_it(topic: Topic[Any], service: str) -> None:
    """Even if deployment had given it a key and laid down its public half."""
    own = a_signer(service).sign(topic.name, KEY, VALUE)
    of_hosts = topic.signed_by_hosts and service.startswith("ingest-")  # whose channel it is, the router asks
    assert refusal(topic, own.headers) == (None if service in topic.signed_by or of_hosts else "wrong-signature")


@pytest.mark.parametrize(("topic", "other"), [(a, b) for a, b in product(SIGNED, TOPICS) if a is not b])
def test_a_true_signature_of_another_topic_counts_for_nothing(topic: Topic[Any], other: Topic[Any]) -> None:
    for door in topic.signed_by or ("ingest-pigeon",):
        assert refusal(topic, a_signer(door).sign(other.name, KEY, VALUE).headers) == "wrong-signature"


def test_every_service_is_tried() -> None:
    assert len(SIGNED) >= 3
    assert {"agent-desk", "guichet-cli", "citizen-portal", "case-router", "notifier", "ingest-email"} <= {*SERVICES}
