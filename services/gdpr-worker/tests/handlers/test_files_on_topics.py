"""What a real Kafka names keeps its files: what is not filed, given up, put aside, or given back meanwhile."""

import secrets
from collections.abc import AsyncIterator, Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from gdpr_worker.handlers import files_on_topics as files_on_topics_file
from gdpr_worker.handlers.files_on_topics import files_on_topics
from gdpr_worker.handlers.remove_orphans import OrphanedFiles, claim_files
from guichet.channel.draft import Draft, DraftFile
from guichet.channel.edge import Edge
from guichet.channel.oversize import keep_aside
from guichet.clock import SystemClock
from guichet.contracts.dead_letters import DeadLetter
from guichet.contracts.inbound import Attachment, MessageReceived
from guichet.contracts.topics import CASE_COMMANDS, INBOUND_EMAIL, Topic
from guichet.errors import PermanentError, TransientError, UnopenableError
from guichet.ids import AgentId, EventId, MessageId, derive_id
from guichet.kafka.admin.offsets import Offsets
from guichet.kafka.admin.topics import create_topics
from guichet.kafka.dead_letters.index import DeadLetterIndex, open_letter, replay
from guichet.kafka.dead_letters.publish import Cause, DeadLetters
from guichet.kafka.produce.producer import Producer, Record
from guichet.kafka.produce.publisher import KafkaPublisher, Publication
from guichet.kafka.records import take
from guichet.mongo.client import connect
from guichet.runtime.settings import EdgeSettings, KafkaSettings, MongoSettings
from guichet.store.documents import MongoDocumentFinder
from guichet.store.objects import CLAIM, ORPHANS_KEPT
from guichet.store.setup.schema import prepare
from guichet.vault.sealing import Thing, seal
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.given_up import a_given_up
from guichet_testing.builders.inbound import CONTACT, mail_content, sealed_message
from guichet_testing.twins.store.objects import InMemoryObjects
from guichet_testing.twins.vault import InMemoryVault

pytestmark = pytest.mark.real


def file(name: str) -> str:
    return derive_id("test-file", name)


class Log:
    """Topics of the test's own."""

    def __init__(self, kafka: KafkaSettings) -> None:
        self.kafka, self.vault, self.objects = kafka, InMemoryVault(), InMemoryObjects()
        tail = secrets.token_hex(4)
        registry: list[Topic[Any]] = [INBOUND_EMAIL, CASE_COMMANDS]
        self.topics = [replace(each, name=f"{each.name}-{tail}", partitions=2) for each in registry]
        self.email = self.topics[0]
        self.letters = DeadLetters(kafka, self.vault, service="ingest-email", now=SystemClock().now)

    def producer(self) -> Producer:
        return Producer(self.kafka, "tester", timeout=timedelta(seconds=8), linger=timedelta(0))

    async def message(self, name: str) -> MessageReceived:
        """Return a message with a file, of its name."""
        attachment = Attachment(attachment_id=file(name), content_type="text/plain", size_bytes=1)
        await self.objects.put(file(name), b"sealed")
        content = mail_content("zoe@courriel.example", message_id=f"<{name}@courriel.example>")
        return await sealed_message(self.vault, name, content, attachments=(attachment,))

    async def write(self, topic: str, value: bytes | None) -> None:
        async with self.producer() as producer:
            await producer.send([Record(topic, b"k", value)])

    async def give_up(self, value: bytes, offset: int = 0) -> None:
        record = type("R", (), {"topic": self.email.name, "partition": 0, "offset": offset, "key": b"k"})()
        record.value, record.headers = value, ()
        await self.letters.publish(take(record, self.email, "case-router"), "case-router", Cause("bug", KeyError("?")))

    async def open_letters(self) -> list[DeadLetter]:
        async with DeadLetterIndex(self.kafka, self.topics) as index:
            return [each.letter for each in (await index.letters()).values() if each.is_open]

    async def named(self, files: Collection[str]) -> frozenset[str]:
        return await files_on_topics(self.kafka, self.vault, files, [self.email], self.topics)

    async def names(self, *names: str) -> set[str]:
        """Return which of these are named."""
        named = await self.named([file(each) for each in names])
        return {each for each in names if file(each) in named}


@pytest.fixture
async def log(kafka_server: Any) -> AsyncIterator[Log]:
    log = Log(KafkaSettings(kafka_bootstrap_servers=kafka_server.bootstrap_servers))
    await create_topics(log.kafka, topics=log.topics)
    async with log.letters:
        yield log


async def test_a_message_on_its_topic_and_one_that_was_given_up_name_their_files(log: Log) -> None:
    waits, given_up = await log.message("waits"), await log.message("given-up")
    await log.write(log.email.name, waits.model_dump_json().encode())
    await log.give_up(given_up.model_dump_json().encode())
    assert await log.names("waits", "given-up", "orphan") == {"waits", "given-up"}
    assert await log.named([file("waits")]) == {file("waits")}, "nothing is held that was not asked for"


async def test_a_message_of_another_version_names_its_files(log: Log) -> None:
    event = (await log.message("newer")).model_dump_json().encode()
    await log.give_up(event.replace(b'"channel":"email"', b'"channel":"pigeon"'))
    assert await log.names("newer")


async def test_a_payload_that_lies_aside_is_named_until_it_is_decided_on(log: Log) -> None:
    aside = await keep_aside(b"whole", keys=log.vault, objects=log.objects)
    await log.letters.publish_payload(log.topics[1], b"whole"[:2], ValueError("?"), aside=aside)
    assert await log.named([aside.object_id]) == {aside.object_id}


async def test_so_is_one_that_a_third_party_s_host_gave_up_and_nobody_has_read_yet(log: Log) -> None:
    aside = await keep_aside(b"whole", keys=log.vault, objects=log.objects)
    await log.write(log.email.name, a_given_up(aside=aside).model_dump_json().encode())
    assert await log.named([aside.object_id]) == {aside.object_id}


async def test_a_payload_names_no_file_whatever_its_host_sealed(log: Log) -> None:
    """Else one letter of a third party's host would keep every file that nothing names."""
    await log.letters.keep_given_up(log.email.name, [a_given_up()])
    assert not await log.names("orphan")


async def test_a_dead_letter_whose_key_is_destroyed_names_nothing_that_was_sealed_in_it(log: Log) -> None:
    await log.give_up((await log.message("erased")).model_dump_json().encode())
    [letter] = await log.open_letters()
    await log.vault.destroy_keys([letter.record.key_id])
    assert not await log.names("erased")


async def test_what_nobody_can_read_among_dead_letters_is_told(log: Log) -> None:
    await log.write(log.email.dead_letters, None)
    assert not await log.names("orphan"), "what has no value names nothing"
    await log.write(log.email.dead_letters, b'{"type": "DeadLetterOfTomorrow"}')
    with pytest.raises(UnopenableError, match=f"{log.email.dead_letters}, offset 1"):
        await log.names("orphan")


async def test_a_dead_letter_that_does_not_open_is_told_until_it_is_dropped(log: Log) -> None:
    await log.give_up((await log.message("altered")).model_dump_json().encode())
    [letter] = await log.open_letters()
    altered = letter.record.model_copy(update={"box": bytes(len(letter.record.box))})
    value = letter.model_copy(update={"record": altered}).model_dump_json().encode()
    await log.write(log.email.dead_letters, value)
    with pytest.raises(UnopenableError, match=f"{log.email.dead_letters}, offset 1"):
        await log.names("altered")
    await log.vault.destroy_keys([letter.record.key_id])
    assert not await log.names("altered")


async def test_a_topic_that_is_not_there_is_no_topic_without_names(log: Log) -> None:
    with pytest.raises(TransientError):
        await files_on_topics(log.kafka, log.vault, (), [replace(log.email, name="not-there")], log.topics)


async def test_files_are_claimed_for_one_kafka_cluster(log: Log) -> None:
    for _ in range(2):
        await claim_files(log.objects, log.kafka)
    assert log.objects.objects[CLAIM]
    log.objects.objects[CLAIM] = b"another cluster"
    with pytest.raises(PermanentError, match="another Kafka cluster's"):
        await claim_files(log.objects, log.kafka)


async def test_an_undecided_dead_letter_comes_back_after_the_round_with_its_files(
    log: Log, mongo_server: Any, mongo_database: str
) -> None:
    """A month and more after it came; then it is replayed, its letter is forgotten, and at last it is filed."""
    database = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
    await prepare(database, clock=SystemClock().now)
    event = await log.message("given-up")
    for name in ("filed", "orphan"):
        await log.message(name)
    await claim_files(log.objects, log.kafka)
    await database["messages"].insert_one({"_id": "m1", "attachments": [{"attachment_id": file("filed")}]})
    await log.give_up(event.model_dump_json().encode())

    async def nothing(_pause: timedelta = timedelta(0)) -> None:
        return

    async def round() -> set[str]:
        """Return the files that are left."""
        await OrphanedFiles(
            objects=log.objects,
            documents=MongoDocumentFinder(database),
            on_topics=log.named,
            claim=partial(claim_files, log.objects, log.kafka),
            check_whole=nothing,
            sleep=nothing,
        ).remove(datetime.now(UTC) + ORPHANS_KEPT + timedelta(hours=1))
        return set(log.objects.objects) - {CLAIM}

    kept = {file("filed"), file("given-up")}
    assert await round() == kept
    [letter] = await log.open_letters()
    content = await open_letter(letter, log.vault)
    async with log.producer() as producer:
        await replay(letter, content, producer, by=AgentId("operator"), at=datetime.now(UTC))
    await log.vault.destroy_keys([letter.record.key_id])
    assert await round() == kept, "its topic names them now"
    await database["messages"].insert_one({"_id": "m2", "attachments": [{"attachment_id": file("given-up")}]})
    async with Offsets(log.kafka) as offsets:
        await offsets.delete_before(await offsets.ends(await offsets.partitions([log.email.name])))
    assert await round() == kept, "its message names them now"
    await database["messages"].delete_one({"_id": "m2"})
    assert await round() == {file("filed")}
    database.client.close()


class Away(KafkaPublisher):
    """The broker as an adapter meets it in an outage. writes: it holds the record all the same, and says nothing."""

    writes = False

    async def publish(self, *publications: Publication[Any]) -> None:
        if self.writes:
            await super().publish(*publications)
        raise TransientError("the broker is away")


@pytest.mark.parametrize("writes", [False, True], ids=["not written", "written, and not acknowledged"])
async def test_what_was_refused_in_an_outage_and_came_again_has_the_files_that_its_records_name(
    log: Log, writes: bool
) -> None:
    settings = EdgeSettings.model_validate(dict.fromkeys(("message_id_key", "ingest_pseudonym_key"), "A" * 43 + "="))

    async def unread(*_args: object, **_more: object) -> None:
        raise AssertionError

    async def hand_in(publisher: KafkaPublisher) -> None:
        edge = Edge(
            keys=log.vault,
            objects=log.objects,
            publisher=publisher,
            dead_letter=unread,
            settings=settings,
            now=SystemClock().now,
        )
        await edge.accept(log.email, a_mail_with_a_file())

    async with Away(log.kafka, client_id="tester") as away, KafkaPublisher(log.kafka, client_id="tester") as there:
        away.writes = writes
        with pytest.raises(TransientError):
            await hand_in(away)
        first = set(log.objects.objects)
        await hand_in(there)
    [again] = set(log.objects.objects) - first
    named = await log.named({again, *first})
    assert again in named
    assert (first <= named) == writes


def a_mail_with_a_file() -> Draft:
    content = mail_content("zoe@courriel.example", message_id="<outage@courriel.example>")
    return Draft(
        message_id=MessageId(derive_id("test-message", "outage")),
        channel="email",
        accounts=(CONTACT,),
        received_at=ARRIVED,
        sender_key_value="zoe@courriel.example",
        content=content,
        files=(DraftFile("photo.jpg", "image/jpeg", b"jpeg"),),
    )


async def test_a_letter_whose_content_is_of_another_version_might_name_any_file():
    vault = InMemoryVault()
    [key] = await vault.new_keys(1)
    event_id = EventId("a" * 32)
    letter = DeadLetter(
        event_id=event_id,
        occurred_at=datetime(2026, 1, 1, tzinfo=UTC),
        topic=INBOUND_EMAIL.name,
        partition=0,
        offset=0,
        group="case-router",
        reason="bug",
        error="KeyError",
        record=seal(key, Thing("dead-letter", event_id), "record", b"{}"),
    )
    record: Any = SimpleNamespace(topic="inbound-email-dlq", offset=7, value=letter.model_dump_json().encode())
    with pytest.raises(UnopenableError, match="inbound-email-dlq, offset 7"):
        await files_on_topics_file._in_letters([record], vault)
