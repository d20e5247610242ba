"""The replay proof: a thousand mails by LMTP, in random order, two routers; all of it again; the offsets back to zero.

Everything is real here: ingest-email, two case-routers, Kafka, MongoDB, the vault. test_any_order.py stops the routers
at every step, which this one cannot do a thousand times.
"""

import asyncio
import base64
import random
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from guichet.channel.envelope import Envelope
from guichet.contracts.topics import CASE_EVENTS, INBOUND_EMAIL
from guichet.kafka.admin.offsets import Offsets
from guichet.kafka.connection import client_options
from guichet.mongo.client import Database
from guichet.runtime.settings import KafkaSettings
from guichet.town import load_town
from guichet_local.stack import LocalStack
from guichet_mail.read.parse import MailReader
from guichet_mail.town_mailboxes import TownMailboxes
from guichet_testing.builders.case import ARRIVED
from guichet_testing.town.lmtp_client import LmtpClient
from guichet_testing.town.rewind import rewind
from guichet_testing.town.services import only
from guichet_testing.town.store import database_of
from guichet_testing.town.town import all_is_handled
from guichet_testing.until import until
from tests.replay.corpus import CorpusMaker

pytestmark = [pytest.mark.real, pytest.mark.timeout(240)]

ROUTERS = ["case-router", "case-router-2"]
CONNECTIONS = 8
LETTERS = 1000


@dataclass(frozen=True)
class Stored:
    """What the store says: the messages of each case, and each case's history as (version, event type, cause)."""

    threads: frozenset[frozenset[str]]
    histories: dict[str, tuple[tuple[int, str, str], ...]]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """Kafka, MongoDB, ingest-email and two routers."""
    services = only("ingest-email", "case-router")
    with LocalStack(tmp_path_factory.mktemp("replay"), services=services) as stack:
        stack.scale("case-router", 2)
        yield stack


@pytest.fixture
def kafka(stack: LocalStack) -> KafkaSettings:
    return stack.kafka_admin


@pytest.fixture
async def database(stack: LocalStack) -> Database:
    return database_of(stack)


@pytest.fixture
async def offsets(kafka: KafkaSettings) -> AsyncIterator[Offsets]:
    async with Offsets(kafka) as offsets:
        yield offsets


async def test_a_thousand_mails_in_any_order_twice_and_from_the_beginning(
    stack: LocalStack, kafka: KafkaSettings, database: Database, offsets: Offsets
) -> None:
    letters = CorpusMaker(seed=3).make(LETTERS)
    expected, chance = expected_threads(stack, letters), random.Random(4)

    await deliver(stack, letters, chance)
    await until_filed(database, offsets, len({message for thread in expected for message in thread}))
    first = await stored(database)
    assert first.threads == expected
    check_histories(first)
    await check_events(kafka, first)
    assert all([await records_handled(stack, router) for router in ROUTERS]), "both routers had their share"

    await deliver(stack, letters, chance)
    await until_read(offsets)
    assert await stored(database) == first

    for router in ROUTERS:
        stack.stop(router)
    await rewind(kafka, "case-router", [INBOUND_EMAIL])
    for router in ROUTERS:
        stack.start(router)
    await until_read(offsets)
    assert await stored(database) == first
    await check_events(kafka, first)


def expected_threads(stack: LocalStack, letters: Sequence[Any]) -> frozenset[frozenset[str]]:
    """Return the messages of each thread, under the ids that the adapter gives them."""
    values = stack.environment_of("ingest-email")
    town, key = load_town(Path(values["GUICHET_TOWN"])), base64.b64decode(values["GUICHET_MESSAGE_ID_KEY"])
    reader = MailReader(TownMailboxes(town.mailboxes, town.main_mailbox), key)
    threads = defaultdict(set)
    for letter in letters:
        envelope = Envelope(letter.sender, letter.deliveries[0], letter.to_bytes())
        threads[letter.thread].add(reader.read(envelope, ARRIVED).message_id)
    return frozenset(map(frozenset, threads.values()))


async def deliver(stack: LocalStack, letters: Sequence[Any], chance: random.Random) -> None:
    """Hand every delivery over by LMTP in random order, over several connections at once."""
    deliveries = [(letter, recipients) for letter in letters for recipients in letter.deliveries]
    chance.shuffle(deliveries)
    waiting = iter(deliveries)

    async def work() -> None:
        async with LmtpClient("127.0.0.1", stack.ports["ingest-email-lmtp"]) as client:
            for letter, recipients in waiting:
                codes = await client.deliver(letter.sender, recipients, letter.to_bytes())
                assert codes == [250] * len(recipients)

    await asyncio.gather(*(work() for _ in range(CONNECTIONS)))


async def until_filed(database: Database, offsets: Offsets, messages: int) -> None:
    """Wait until so many messages are there, and nothing is left to do with them."""
    await until_read(offsets)
    assert await database["messages"].count_documents({}) == messages
    assert await database["messages"].count_documents({"filed": None}) == 0
    assert await database["cases"].count_documents({"outbox.0": {"$exists": True}}) == 0


async def until_read(offsets: Offsets) -> None:
    """Wait until the routers have committed everything that the adapter published."""
    await until(lambda: all_is_handled(offsets, [INBOUND_EMAIL]), "every record is read")


async def records_handled(stack: LocalStack, router: str) -> float:
    """Return how many mails a process has handled, by its own metrics."""
    async with httpx.AsyncClient() as client:
        metrics = (await client.get(f"{stack.addresses[f'{router}-health']}/metrics")).text
    counts = re.findall(r'^guichet_records_handled_total\{.*topic="inbound-email"\} (\S+)', metrics, re.MULTILINE)
    return sum(map(float, counts))


async def stored(database: Database) -> Stored:
    entries = defaultdict[str, list[tuple[int, str, str]]](list)
    async for entry in database["case_history"].find({}).sort("version"):
        entries[entry["case_id"]].append((entry["version"], entry["type"], entry["cause"]))
    histories = {case["_id"]: tuple(entries[case["_id"]]) async for case in database["cases"].find({}, {"_id": 1})}
    threads = defaultdict(set)
    async for message in database["messages"].find({}, {"filed": 1}):
        threads[message["filed"]].add(message["_id"])
    for case, history in histories.items():
        assert threads[case] == {cause for _, _, cause in history}, "history and messages tell the same"
    return Stored(frozenset(map(frozenset, threads.values())), histories)


def check_histories(found: Stored) -> None:
    """No event id twice in a case (an id is made of cause and type), versions without a gap."""
    for history in found.histories.values():
        assert [version for version, _, _ in history] == list(range(1, len(history) + 1))
        assert len({(kind, cause) for _, kind, cause in history}) == len(history)


async def check_events(kafka: KafkaSettings, found: Stored) -> None:
    """What was published are the histories' events, each id with one version, in order of first appearance."""
    consumer = AIOKafkaConsumer(**client_options(kafka), auto_offset_reset="earliest")
    await consumer.start()
    try:
        places = [TopicPartition(CASE_EVENTS.name, number) for number in range(CASE_EVENTS.partitions)]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends, versions, seen = await consumer.end_offsets(places), defaultdict(list), set()
        while any([await consumer.position(place) < ends[place] for place in places]):
            for records in (await consumer.getmany(timeout_ms=500, max_records=2000)).values():
                for event in (CASE_EVENTS.events.validate_json(record.value) for record in records):
                    if event.event_id not in seen:  # consumers drop what they have handled
                        seen.add(event.event_id)
                        versions[event.case_id].append(event.version)
    finally:
        await consumer.stop()
    assert dict(versions) == {case: [version for version, _, _ in history] for case, history in found.histories.items()}
