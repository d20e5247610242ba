from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet_local.kafka.config import KafkaNode, server_properties
from guichet_local.kafka.probe import has_living_broker
from guichet_local.kafka.security import KafkaSecurity

NODES = [KafkaNode(1, 1001, 2001), KafkaNode(2, 1002, 2002), KafkaNode(3, 1003, 2003)]


@pytest.mark.parametrize(("cluster", "copies", "in_sync"), [(NODES[:1], 1, 1), (NODES, 3, 2)])
def test_copies_follow_the_size_of_the_cluster(cluster: list[KafkaNode], copies: int, in_sync: int) -> None:
    lines = server_properties(NODES[0], cluster, Path("/srv/kafka")).splitlines()
    assert f"default.replication.factor={copies}" in lines
    assert f"min.insync.replicas={in_sync}" in lines
    assert f"offsets.topic.replication.factor={copies}" in lines


def test_every_node_knows_every_voter() -> None:
    text = server_properties(NODES[1], NODES, Path("/srv/kafka"))
    assert "controller.quorum.voters=1@127.0.0.1:2001,2@127.0.0.1:2002,3@127.0.0.1:2003\n" in text
    assert "node.id=2\n" in text


def test_a_typing_error_makes_no_topic() -> None:
    assert "auto.create.topics.enable=false\n" in server_properties(NODES[0], NODES[:1], Path("/srv"))


def test_what_a_test_asks_for_wins_over_ours() -> None:
    wanted = {"compression.type": "uncompressed", "num.io.threads": "4"}
    lines = server_properties(NODES[0], NODES[:1], Path("/srv"), wanted).splitlines()
    assert {"compression.type=uncompressed", "num.io.threads=4"} <= set(lines)
    assert "num.io.threads=2" not in lines


def test_the_broker_refuses_whom_no_acl_allows_and_who_does_not_sign_in() -> None:
    security = KafkaSecurity(broker_password="b", administrator_password="a")
    lines = server_properties(NODES[0], NODES[:1], Path("/srv"), security=security).splitlines()
    assert {
        "allow.everyone.if.no.acl.found=false",
        "super.users=User:broker;User:admin",
        "listener.security.protocol.map=CONTROLLER:SASL_PLAINTEXT,CLIENTS:SASL_PLAINTEXT",
        "delete.topic.enable=false",
    } <= set(lines)
    assert not [line for line in lines if "PLAINTEXT://" in line]


def test_over_tls_no_listener_is_left_in_clear() -> None:
    security = KafkaSecurity("b", "a", key_and_certificate=Path("/tls/server.pem"), authority=Path("/tls/ca.pem"))
    text = server_properties(NODES[0], NODES, Path("/srv"), security=security)
    assert "listener.security.protocol.map=CONTROLLER:SASL_SSL,CLIENTS:SASL_SSL\n" in text
    assert "PLAINTEXT" not in text


def test_the_passwords_show_in_no_log() -> None:
    assert repr(KafkaSecurity("b-secret", "a-secret")) == "KafkaSecurity(protocol=SASL_PLAINTEXT)"


@given(st.binary(max_size=80))
def test_any_answer_is_read_without_a_crash(answer: bytes) -> None:
    assert has_living_broker(answer) in {True, False}
