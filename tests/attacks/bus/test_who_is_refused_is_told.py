"""A client that the broker refuses says who lacks what and what to do: it does not go on trying in silence."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest
from aiokafka.structs import TopicPartition
from confluent_kafka.admin import AclBindingFilter, AdminClient
from pydantic import SecretStr

from guichet.contracts.topics import CASE_EVENTS, INBOUND_EMAIL, PRIVACY_REQUESTS
from guichet.errors import TransientError
from guichet.kafka.admin.offsets import Offsets
from guichet.kafka.admin.rights import Right
from guichet.kafka.consume.reader import Reader
from guichet.kafka.consume.withheld import Withheld
from guichet.kafka.produce.producer import Producer, Record
from guichet.runtime.telemetry.alarms import Alarm
from guichet.runtime.telemetry.metrics import ALARM
from guichet.runtime.worker_stopped import WorkerStoppedError
from guichet_cli.topics.rights import binding_of, librdkafka_options
from guichet_local.stack import LocalStack
from tests.attacks.bus.test_rights_on_the_bus import PATIENCE_S, as_user, await_all, guichet

pytestmark = [pytest.mark.real]

REMEDY = "guichet topics rights"


@pytest.fixture(autouse=True)
def _no_alarm_of_before() -> Iterator[None]:
    ALARM.clear()
    yield
    ALARM.clear()


def standing() -> set[str]:
    samples = [sample for metric in ALARM.collect() for sample in metric.samples]
    return {sample.labels["cause"] for sample in samples if sample.labels["alarm"] == "not-allowed" and sample.value}


async def test_a_record_refused_names_user_topic_and_remedy(servers: LocalStack) -> None:
    forger = as_user(servers, "notifier")
    async with Producer(forger, "tester", timeout=timedelta(seconds=8), linger=timedelta(0)) as producer:
        with pytest.raises(TransientError, match=f"notifier.*{PRIVACY_REQUESTS.name}.*{REMEDY}"):
            await producer.send([Record(PRIVACY_REQUESTS.name, None, b"{}")])
    assert standing() == {f"notifier:{PRIVACY_REQUESTS.name}"}


async def test_a_wrong_password_is_told_from_a_broker_that_is_away(servers: LocalStack) -> None:
    wrong = as_user(servers, "notifier").model_copy(update={"kafka_password": SecretStr("wrong")})
    async with Producer(wrong, "tester", timeout=timedelta(seconds=8), linger=timedelta(0)) as producer:
        with pytest.raises(TransientError, match=f"notifier.*GUICHET_KAFKA_PASSWORD.*{REMEDY}"):
            await producer.send([Record(CASE_EVENTS.name, None, b"{}")])
    with pytest.raises(TransientError, match="GUICHET_KAFKA_PASSWORD"):
        await Offsets(wrong).start()
    assert standing() == {"notifier:sign-in"}


async def test_a_reader_without_the_right_is_not_told_that_the_topic_is_missing(servers: LocalStack) -> None:
    async def release() -> None:
        """Nothing is in work."""

    reader = Reader(as_user(servers, "notifier"), [INBOUND_EMAIL], "notifier", release=release, withheld=Withheld(()))
    with pytest.raises(TransientError, match=f"notifier.*{INBOUND_EMAIL.name}.*{REMEDY}"):
        await reader.start()
    assert standing() == {f"notifier:{INBOUND_EMAIL.name}"}


async def test_who_may_look_at_a_topic_may_not_delete_from_it(servers: LocalStack) -> None:
    place = TopicPartition(CASE_EVENTS.name, 0)
    async with Offsets(as_user(servers, "ops-console")) as offsets:
        with pytest.raises(TransientError, match=f"ops-console.*{CASE_EVENTS.name}.*{REMEDY}"):
            await offsets.delete_before({place: 0})
    async with Offsets(as_user(servers, "gdpr-worker")) as offsets:
        await offsets.delete_before({place: 0})  # whose work it is


async def test_a_reader_whose_right_is_taken_away_stops_for_a_person_to_look(servers: LocalStack) -> None:
    async def release() -> None:
        """Nothing is in work."""

    notifier = as_user(servers, "notifier")
    reader = Reader(notifier, [CASE_EVENTS], "notifier", release=release, withheld=Withheld(()))
    await reader.start()
    try:
        await reader.poll()
        withdraw(servers, Right("notifier", "READ", "TOPIC", CASE_EVENTS.name))
        with pytest.raises(WorkerStoppedError, match=f"notifier stopped.*{REMEDY}.*start it again") as stopped:
            await keep_polling(reader)
        assert stopped.value.alarm is Alarm.NOT_ALLOWED
    finally:
        await reader.leave()
        guichet(servers, "topics", "rights")


async def keep_polling(reader: Reader) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            await reader.poll()


def withdraw(servers: LocalStack, right: Right) -> None:
    given = binding_of(right)
    one = AclBindingFilter(
        *(given.restype, given.name, given.resource_pattern_type, given.principal),
        *(given.host, given.operation, given.permission_type),
    )
    admin = AdminClient(librdkafka_options(servers.kafka_admin))  # kept: with it goes what it was asked
    await_all(admin.delete_acls([one]))


async def test_a_group_that_is_not_one_s_own_is_refused_by_name(servers: LocalStack) -> None:
    async with Offsets(as_user(servers, "notifier")) as offsets:
        places = await offsets.partitions([CASE_EVENTS.name])
        with pytest.raises(TransientError, match=f"notifier.*group case-router.*{REMEDY}"):
            await offsets.committed("case-router", places)
