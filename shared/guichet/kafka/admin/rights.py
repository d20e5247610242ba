"""Who may do what on the broker, from the topic registry and the declared duties. Pure.

The broker refuses everything else (StandardAuthorizer, `allow.everyone.if.no.acl.found=false`). READ, WRITE and DELETE
imply DESCRIBE; an idempotent producer needs WRITE on its topics and nothing on the cluster. Nobody here may create or
configure a topic, or set a group's place by hand: that is the administrator's, at deployment and after a restore. Kafka
knows one right for trimming a topic and for deleting it: keep `delete.topic.enable=false`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from guichet.contracts.duties import GROUP_DUTIES, TOPIC_DUTIES, GroupDuty, TopicDuty
from guichet.contracts.topics import INBOUND_THIRD_PARTY, TOPICS, Topic

Operation = Literal["READ", "WRITE", "DESCRIBE", "DELETE"]


@dataclass(frozen=True, order=True)
class Right:
    """`user` may do `operation` on one topic or group. user: as it signs in, which is the service's name."""

    user: str
    operation: Operation
    kind: Literal["TOPIC", "GROUP"]
    name: str


_ON_TOPICS: Final[Mapping[str, Operation]] = {"read": "READ", "write": "WRITE", "look": "DESCRIBE", "trim": "DELETE"}


def rights(
    topics: Iterable[Topic[Any]] = TOPICS,
    topic_duties: Iterable[TopicDuty] = TOPIC_DUTIES,
    group_duties: Iterable[GroupDuty] = GROUP_DUTIES,
) -> frozenset[Right]:
    """Return every right that the broker is to give."""
    found = {right for topic in topics for right in _of_topic(topic)}
    found |= {Right(duty.service, _ON_TOPICS[duty.act], "TOPIC", name) for duty in topic_duties for name in duty.topics}
    found |= {Right(duty.service, "DESCRIBE", "GROUP", name) for duty in group_duties for name in duty.groups}
    return frozenset(found)


def rights_in(hosts: Iterable[str]) -> frozenset[Right]:
    """Return every right in a town whose channels of other packages have these hosts: the registry's, and theirs."""
    return rights() | {Right(host, "WRITE", "TOPIC", INBOUND_THIRD_PARTY.name) for host in hosts}


def _of_topic(topic: Topic[Any]) -> Iterator[Right]:
    for service in topic.producers:
        yield Right(service, "WRITE", "TOPIC", topic.name)
    for service in topic.dead_lettered_by:
        yield Right(service, "WRITE", "TOPIC", topic.dead_letters)
    for consumer in topic.consumers:
        yield Right(consumer.service, "READ", "TOPIC", topic.name)
    for group in topic.groups:
        yield Right(group, "READ", "GROUP", group)
        yield Right(group, "WRITE", "TOPIC", topic.dead_letters)


def password_variable(user: str) -> str:
    """Return the line of a user's password in the file of passwords. No service's variable begins like it."""
    return f"KAFKA_PASSWORD_{user.upper().replace('-', '_')}"


def users(hosts: Iterable[str] = ()) -> list[str]:
    """Return every user that has a right: one a service, the operator's command, and a third party's hosts."""
    return sorted({right.user for right in rights_in(hosts)})
