"""What a real Kafka holds beside the documents of somebody who is erased."""

import secrets
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from guichet.channel.oversize import keep_aside
from guichet.clock import SystemClock
from guichet.contracts.case_commands import CloseCase
from guichet.contracts.dead_letters import Aside, DeadLetterContent, Origin, PayloadGivenUp
from guichet.contracts.inbound import Attachment, MessageReceived
from guichet.contracts.inbound_content import Identifier, InboundContent
from guichet.contracts.topics import CASE_COMMANDS, INBOUND_EMAIL, INBOUND_SMS, INBOUND_THIRD_PARTY, Topic
from guichet.data_subject.dead_letters import OpenedLetter
from guichet.data_subject.personal_data import PersonalData
from guichet.data_subject.topics import LogPass
from guichet.errors import UnopenableError
from guichet.ids import AgentId, CaseId, EventId
from guichet.kafka.admin.topics import create_topics
from guichet.kafka.dead_letters.publish import Cause, DeadLetters
from guichet.kafka.produce.producer import Producer, Record
from guichet.kafka.records import take
from guichet.privacy.data_map.topics import DATA_MAP
from guichet.runtime.settings import KafkaSettings
from guichet.vault.erasure_ledger.entry import Noted
from guichet.vault.sealing import DataKey, Thing, broken_key, missing_key, new_data_key, seal
from guichet_local.kafka.server import KafkaServer
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.given_up import a_given_up, sealed_given_up
from guichet_testing.builders.inbound import a_message, sealed_message
from guichet_testing.builders.shared_phone import EMAIL, PHONE, REGISTRY_KEY, address
from guichet_testing.twins.store.documents import InMemoryDocumentFinder
from guichet_testing.twins.store.objects import InMemoryObjects
from guichet_testing.twins.vault import InMemoryVault

pytestmark = pytest.mark.real

HERS = PersonalData(documents={"identifiers": frozenset({address(EMAIL)}), "cases": frozenset({"amina-roads"})})


class Log:
    """Topics of the test's own, with what the pass needs around them."""

    def __init__(self, kafka: KafkaSettings) -> None:
        self.kafka = kafka
        self.vault, self.objects, self.documents = InMemoryVault(), InMemoryObjects(), InMemoryDocumentFinder()
        tail = secrets.token_hex(4)
        registry: list[Topic[Any]] = [INBOUND_EMAIL, INBOUND_SMS, CASE_COMMANDS, INBOUND_THIRD_PARTY]
        self.topics = [replace(each, name=f"{each.name}-{tail}", partitions=2) for each in registry]
        self.email, self.sms, self.commands, self.others = self.topics
        ours = {each.name: topic.name for each, topic in zip(registry, self.topics, strict=True)}
        ours |= {each.dead_letters: topic.dead_letters for each, topic in zip(registry, self.topics, strict=True)}
        self.data_map = [replace(entry, name=ours[entry.name]) for entry in DATA_MAP if entry.name in ours]
        self.letters = DeadLetters(kafka, self.vault, service="ingest-sms", now=SystemClock().now)

    async def message(self, name: str, sender: Identifier, **more: Any) -> MessageReceived:
        content = InboundContent(sender=(sender,), text="Bonjour")
        return await sealed_message(self.vault, name, content, **more)

    async def publish(self, topic: Topic[Any], event: Any) -> None:
        async with Producer(self.kafka, "tester", timeout=timedelta(seconds=8), linger=timedelta(0)) as producer:
            await producer.send([Record(topic.name, b"k", event.model_dump_json().encode())])

    async def give_up(self, topic: Topic[Any], value: bytes, offset: int) -> None:
        record = type("R", (), {"topic": topic.name, "partition": 0, "offset": offset, "key": b"k"})()
        record.value, record.headers = value, ()
        taken = take(
            record, replace(topic, signed_by=(), signed_by_hosts=False), "case-router"
        )  # a letter is known whoever signed it
        await self.letters.publish(taken, "case-router", Cause("bug", KeyError("her words")))

    async def passed(self, personal_data: PersonalData) -> PersonalData:
        logs = LogPass(
            kafka=self.kafka,
            documents=self.documents,
            vault=self.vault,
            objects=self.objects,
            registry_key=REGISTRY_KEY,
            topics=self.topics,
            data_map=self.data_map,
        )
        return await logs.find(personal_data)

    def all_keys(self) -> set[str]:
        return set(self.vault._keys)


@pytest.fixture
async def log(kafka_server: KafkaServer) -> AsyncIterator[Log]:
    log = Log(KafkaSettings(kafka_bootstrap_servers=kafka_server.bootstrap_servers))
    await create_topics(log.kafka, topics=log.topics)
    async with log.letters:
        yield log


async def test_empty_topics_hold_nothing(log: Log) -> None:
    assert (await log.passed(HERS)).is_empty


async def test_a_second_copy_of_a_message_is_found_with_its_files(log: Log) -> None:
    file = Attachment(attachment_id="file-2", content_type="text/plain", size_bytes=1)
    await log.objects.put("file-2", b"sealed")
    stored = await log.message("hers", EMAIL)
    again = await log.message("hers", EMAIL, attachments=(file,))
    his = await log.message("his", PHONE)
    for event in (stored, again, his):
        await log.publish(log.email, event)
    mine = replace(
        HERS,
        documents={**HERS.documents, "messages": frozenset({stored.message_id})},
        keys=frozenset({stored.content.key_id}),
    )
    found = await log.passed(mine)
    assert (found.keys, found.objects) == (frozenset({again.content.key_id}), frozenset({"file-2"}))
    await log.vault.destroy_keys([*found.keys, *mine.keys])
    assert (await log.passed(mine)).objects == {"file-2"}  # killed before the files went
    await log.objects.delete("file-2")
    assert (await log.passed(mine)).is_empty


async def test_what_comes_again_of_an_erased_message_is_found_without_knowing_the_person(log: Log) -> None:
    late = await log.message("hers", EMAIL)
    await log.publish(log.sms, late)
    assert (await log.passed(PersonalData())).is_empty
    log.documents.add("messages", {"_id": late.message_id, "erased_at": ARRIVED})
    assert (await log.passed(PersonalData())).keys == {late.content.key_id}


async def test_a_dead_letter_is_known_by_the_sender_of_the_message_in_it(log: Log) -> None:
    hers, his = await log.message("hers", EMAIL), await log.message("his", PHONE, channel="sms")
    before = log.all_keys()
    await log.give_up(log.email, hers.model_dump_json().encode(), 3)
    [letter] = log.all_keys() - before
    await log.give_up(log.sms, his.model_dump_json().encode(), 3)
    found = await log.passed(HERS)
    assert found.keys == {letter, hers.content.key_id}
    assert found.messages == {hers.message_id}  # nobody stored it; its tombstone keeps the source's next copy out
    log.documents.add("messages", {"_id": hers.message_id, "erased_at": ARRIVED})
    assert (await log.passed(PersonalData())).keys == found.keys  # killed before the keys were destroyed
    await log.vault.destroy_keys(found.keys)
    assert (await log.passed(HERS)).is_empty


@pytest.mark.parametrize("held", [timedelta(0), timedelta(days=9)])
async def test_a_dead_letter_from_an_address_that_a_newcomer_took_over_is_theirs_if_it_came_before(
    log: Log, held: timedelta
) -> None:
    """held: for so long a later one lay at the provider: who holds the address when it comes here, has it."""
    hers, came = await log.message("hers", EMAIL), ARRIVED + timedelta(days=2)
    later = await log.message("newcomer's", EMAIL, received_at=came - held, arrived_at=came)
    for offset, message in enumerate((hers, later)):
        await log.give_up(log.email, message.model_dump_json().encode(), offset)
    noted = Noted(at=ARRIVED + timedelta(days=1), addresses=(address(EMAIL),))
    found = await log.passed(PersonalData(noted=noted))
    assert hers.content.key_id in found.keys
    assert later.content.key_id not in found.keys
    assert found.messages == {hers.message_id}


@pytest.mark.parametrize("came", ["before", "after"])
async def test_so_is_a_payload_that_nobody_could_read(log: Log, came: str) -> None:
    [key] = await log.vault.new_keys(1)
    value = {"key_id": key.key_id, "box": sealed_address(key)}
    log.documents.add("identifiers", {"_id": address(EMAIL), "kind": "email", "value": value})
    mail = b"Return-Path: <amina@courriel.example>\r\nSubject: \xff\r\n\r\n?"
    await log.letters.publish_payload(log.email, mail, ValueError("her words"))
    at = datetime.now(UTC) + timedelta(hours=1 if came == "before" else -1)
    found = await log.passed(PersonalData(noted=Noted(at=at, addresses=(address(EMAIL),))))
    assert bool(found.keys) == (came == "before")


async def test_a_dead_letter_is_known_by_the_case_that_the_record_in_it_is_about(log: Log) -> None:
    async def keys_of_letter_about(case: str, offset: int) -> set[str]:
        before = log.all_keys()
        command = CloseCase(
            event_id=EventId(case), occurred_at=ARRIVED, case_id=CaseId(case), issued_by=AgentId("agent")
        )
        await log.give_up(log.commands, command.model_dump_json().encode(), offset)
        return log.all_keys() - before

    hers = await keys_of_letter_about("amina-roads", 1)
    await keys_of_letter_about("bruno-roads", 2)
    destroyed = await keys_of_letter_about("destroyed-before", 3)
    log.documents.add("cases", {"_id": "destroyed-before", "destroyed_at": ARRIVED})
    assert (await log.passed(HERS)).keys == hers | destroyed


async def test_an_unreadable_payload_is_known_by_its_sender_while_the_address_opens(log: Log) -> None:
    [key] = await log.vault.new_keys(1)
    value = {"key_id": key.key_id, "box": sealed_address(key)}
    log.documents.add("identifiers", {"_id": address(EMAIL), "kind": "email", "value": value})
    before = log.all_keys()
    aside = Aside(object_id="whole", key_id=key.key_id, size_bytes=9)
    mail = b"Return-Path: <amina@courriel.example>\r\nSubject: \xff\r\n\r\n?"
    await log.letters.publish_payload(log.email, mail, ValueError("her words"), aside=aside)
    [letter] = log.all_keys() - before
    await log.letters.publish_payload(log.sms, b"From=%2B33199001234&Body=amina@courriel.example", ValueError("?"))
    await log.objects.put("whole", b"sealed")
    found = await log.passed(HERS)
    assert (found.keys, found.objects) == (frozenset({letter, key.key_id}), frozenset({"whole"}))


async def test_a_noted_sender_decides_before_anything_that_the_payload_says(log: Log) -> None:
    [key] = await log.vault.new_keys(1)
    value = {"key_id": key.key_id, "box": sealed_address(key)}
    log.documents.add("identifiers", {"_id": address(EMAIL), "kind": "email", "value": value})
    before = log.all_keys()
    hers = Origin("pigeon", senders=(Identifier(kind="email", value="Amina@courriel.example"),))
    await log.letters.publish_payload(log.sms, b"\xff", ValueError("?"), origin=hers)
    [letter] = log.all_keys() - before
    his = Origin("pigeon", senders=(Identifier(kind="email", value="bruno@courriel.example"),))
    await log.letters.publish_payload(log.sms, b"From=amina@courriel.example", ValueError("?"), origin=his)
    assert (await log.passed(HERS)).keys == {letter}


@pytest.mark.parametrize("lies", ["on its way", "among the dead letters", "in one, not believed", "in both"])
async def test_so_is_what_a_third_party_s_host_gave_up_wherever_it_lies(log: Log, lies: str) -> None:
    """One key destroyed makes it unreadable on its topic and among the dead letters."""
    [key] = await log.vault.new_keys(1)
    value = {"key_id": key.key_id, "box": sealed_address(key)}
    log.documents.add("identifiers", {"_id": address(EMAIL), "kind": "email", "value": value})
    given_up = {sender.kind: await given_up_from(log, sender) for sender in (EMAIL, PHONE)}
    for offset, each in enumerate(given_up.values()):
        if lies in ("on its way", "in both"):
            await log.publish(log.others, each)
        if lies in ("among the dead letters", "in both"):
            await log.letters.keep_given_up(log.others.name, [each])
        if lies == "in one, not believed":
            await log.give_up(log.others, each.model_dump_json().encode(), offset)
    found = await log.passed(HERS)
    hers = given_up[EMAIL.kind]
    assert hers.aside is not None
    assert (found.keys, found.objects) == ({hers.record.key_id, hers.aside.key_id}, {hers.aside.object_id})
    await log.vault.destroy_keys(found.keys)
    await log.objects.delete(hers.aside.object_id)
    assert (await log.passed(HERS)).is_empty


async def given_up_from(log: Log, sender: Identifier) -> PayloadGivenUp:
    aside = await keep_aside(b"whole", keys=log.vault, objects=log.objects)
    content = DeadLetterContent.model_construct(key=None, value=b"\xff", headers=(), error_text="", senders=(sender,))
    return await sealed_given_up(log.vault, f"from-{sender.kind}", content, aside=aside)


def a_payload(value: bytes, senders: tuple[Identifier, ...] = ()) -> bytes:
    content = DeadLetterContent.model_construct(key=None, value=value, headers=(), error_text="", senders=senders)
    return content.model_dump_json().encode()


def a_message_in_it(**more: Any) -> bytes:
    """A message whose content is none, though its seal holds."""
    message = a_message("invented", **more)
    content = seal(OF_A_HOST, Thing("message", message.message_id), "content", b"no content")
    return message.model_copy(update={"content": content}).model_dump_json().encode()


OF_A_HOST = new_data_key()
NO_FILE = Attachment(attachment_id="../no file", content_type="text/plain", size_bytes=1)
POISON = {
    "no content": b"no content",
    "json in json": a_payload(b'{"a":' * 100_000),
    "comments in comments": a_payload(b"Return-Path: <>\r\nFrom: " + b"(" * 20_000 + b"\r\n\r\n?"),
    "no message": a_payload(a_message_in_it()),
    "no file": a_payload(a_message_in_it(attachments=(NO_FILE,)), (EMAIL,)),
}


@pytest.mark.parametrize("sealed", POISON.values(), ids=POISON)
async def test_whatever_a_third_party_s_host_seals_stops_no_erasure(log: Log, sealed: bytes) -> None:
    [key] = await log.vault.new_keys(1)
    value = {"key_id": key.key_id, "box": sealed_address(key)}
    log.documents.add("identifiers", {"_id": address(EMAIL), "kind": "email", "value": value})
    log.vault._keys[OF_A_HOST.key_id] = OF_A_HOST
    poison = a_given_up("poison")
    record = seal(OF_A_HOST, Thing("dead-letter", poison.letter_id), "record", sealed)
    hers = await given_up_from(log, EMAIL)
    for each in (poison.model_copy(update={"record": record}), hers):
        await log.publish(log.others, each)
        await log.letters.keep_given_up(log.others.name, [each])
    found = await log.passed(HERS)
    assert hers.record.key_id in found.keys
    assert NO_FILE.attachment_id not in found.objects


def test_what_looks_like_an_id_and_is_no_text_is_none() -> None:
    """The store would refuse to look for it."""
    letter = a_given_up().as_letter(INBOUND_THIRD_PARTY.name, ARRIVED)
    content = DeadLetterContent.model_validate_json(a_payload(b'{"message_id": "\\ud800"}'))
    assert OpenedLetter(letter, content).event == {}


async def test_what_nobody_can_read_stops_nothing(log: Log) -> None:
    await log.give_up(log.email, b"\xff{", 7)
    async with Producer(log.kafka, "tester", timeout=timedelta(seconds=8), linger=timedelta(0)) as producer:
        for topic in (log.email.name, log.email.dead_letters):
            await producer.send([Record(topic, b"k", b"no event")])
    assert (await log.passed(HERS)).is_empty


def sealed_address(key: DataKey) -> bytes:
    return seal(key, Thing("identifier", address(EMAIL)), "value", EMAIL.value.encode()).box


@pytest.mark.parametrize("how", ["broken", "missing"])
async def test_an_address_that_does_not_open_stops_no_erasure(log: Log, how: str) -> None:
    """The vault is one from before it, or it was altered: whatever else leads to the person is found."""
    [key] = await log.vault.new_keys(1)
    name = address(EMAIL)
    sealed = seal(key, Thing("identifier", name), "value", EMAIL.value.encode())
    log.vault._keys[key.key_id] = broken_key(key.key_id) if how == "broken" else missing_key(key.key_id)
    held = {"_id": name, "kind": EMAIL.kind, "value": sealed.model_dump()}
    log.documents.documents["identifiers"] = {name: held}
    stored = await log.message("hers", EMAIL)
    await log.publish(log.email, stored)
    mine = replace(HERS, documents={**HERS.documents, "messages": frozenset({stored.message_id})})
    try:
        found = await log.passed(mine)
    except UnopenableError as exc:
        pytest.fail(f"one address does not open, and the person is never erased: {type(exc).__name__}")
    assert found.keys == {stored.content.key_id}
