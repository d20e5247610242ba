"""Reads what a run left behind: store, topics, dead letters, and what reached the citizens."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import bson
from aiokafka.structs import ConsumerRecord
from pydantic import ValidationError

from citizen_sandbox.play.entry import ANSWER_LOST, Entry
from guichet.contracts.dead_letters import DEAD_LETTER_EVENTS, DeadLetter
from guichet.contracts.delivery import OWN_MAIL_HEADER, Purpose
from guichet.contracts.privacy import PrivacyRequestRecorded
from guichet.contracts.topics import CASE_EVENTS, PRIVACY_EVENTS, TOPICS
from guichet.errors import ErasedError, TransientError
from guichet.ids import CaseId, MessageId, receipt_id
from guichet.kafka.dead_letters.index import DeadLetterIndex, open_letter
from guichet.kafka.groupless.whole import read_whole
from guichet.mongo.client import Database
from guichet.runtime.settings import KafkaSettings
from guichet.store import catch_ups, mailbox_places
from guichet.store.cases import department_days
from guichet.vault.ports import KeyOpener
from guichet_local.stack import LocalStack
from guichet_testing.real.collections import HOLDING
from guichet_testing.town.search_files import read_search_files
from guichet_testing.until import until
from tests.faults.verdicts.found import Copy, Letter, PublishedEvent, Receipt, StoredCase

WORD = re.compile(rb"poison-\d+-(?:record-)?\d+")
REFERENCE = re.compile(r"\b\d{4}-[0-9A-Z]{4}-[0-9A-Z]{3,4}\b")
WAYS = {"mail": "mail", "sms": "sms", "whatsapp": "sms", "telegram": "telegram"}


async def filed(database: Database) -> dict[MessageId, str | None]:
    """Return each inbound message and its case."""
    found = database["messages"].find({"direction": "inbound"}, {"filed": 1})
    return {message["_id"]: message.get("filed") async for message in found}


async def searched(stack: LocalStack) -> list[MessageId]:
    """Return each message that a search finds, once a file that was being swapped is there."""
    found = list[MessageId]()

    async def could_be_read() -> bool:
        with suppress(TransientError):
            found[:] = [row[0] for row in await read_search_files(stack, "SELECT message_id FROM messages")]
            return True
        return False

    await until(could_be_read, "search files are there")
    return found


async def cases(database: Database) -> dict[str, StoredCase]:
    """Return every case."""
    history: defaultdict[str, list[int]] = defaultdict(list)
    async for entry in database["case_history"].find({}, {"case_id": 1, "version": 1}).sort("version"):
        history[entry["case_id"]].append(entry["version"])
    return {
        case["_id"]: StoredCase(case["version"], tuple(history[case["_id"]]), len(case.get("outbox", ())))
        async for case in database["cases"].find({}, {"version": 1, "outbox": 1})
    }


DPO: Final = "dpo@mairie.example"  # as the example town has it


async def references(database: Database) -> dict[str, MessageId]:
    """Return the receipt that each reference stands for."""
    return {
        case["reference"]: receipt_id(CaseId(case["_id"]), Purpose.AEE)
        async for case in database["cases"].find({}, {"reference": 1})
    }


async def receipts(database: Database) -> dict[MessageId, Receipt]:
    """Return every receipt that is owed."""
    return {
        each["_id"]: Receipt(
            each["case_id"],
            each["lane"],
            each["state"],
            untold=bool(each.get("unpublished")),
            undecided="undecided_since" in each,
        )
        async for each in database["deliveries"].find({"purpose": Purpose.AEE.value})
    }


def copies(
    entries: Iterable[Entry], of_reference: Mapping[str, MessageId], began: datetime
) -> dict[MessageId, list[Copy]]:
    """Return what reached citizens, by receipt; what belongs to none is kept under a name of its own. Pure.

    The notice of an erasure goes to the town's data protection officer, who is no citizen.
    """
    found: defaultdict[MessageId, list[Copy]] = defaultdict(list)
    for entry in entries:
        if entry.address == DPO:
            continue
        at = (entry.at - began).total_seconds()
        copy = Copy(WAYS[entry.channel], entry.provider_id, at, entry.answer == ANSWER_LOST)
        found[_receipt_of(entry, of_reference)].append(copy)
    return dict(found)


def _receipt_of(entry: Entry, of_reference: Mapping[str, MessageId]) -> MessageId:
    if named := entry.header(OWN_MAIL_HEADER):
        return MessageId(named)
    known = [of_reference[each] for each in REFERENCE.findall(entry.text) if each in of_reference]
    return known[0] if known else MessageId(f"no receipt: entry {entry.id}")


async def everything_on(kafka: KafkaSettings, *topics: str) -> list[ConsumerRecord]:
    """Return every record of these topics, in each partition's order."""
    return [record async for some in read_whole(kafka, topics) for record in some]


async def events(kafka: KafkaSettings) -> list[PublishedEvent]:
    """Return what was published about cases; what nobody can read there is poison and left out."""
    found = []
    for record in await everything_on(kafka, CASE_EVENTS.name):
        try:
            event = CASE_EVENTS.events.validate_json(record.value)
        except ValidationError:
            continue
        digest = hashlib.sha256(record.value).hexdigest()
        found.append(PublishedEvent(event.event_id, event.case_id, event.version, digest))
    return found


async def recorded_requests(kafka: KafkaSettings) -> list[str]:
    """Return the id of each privacy request that gdpr-worker told of, as often as it did."""
    records = await everything_on(kafka, PRIVACY_EVENTS.name)
    told = [PRIVACY_EVENTS.events.validate_json(record.value) for record in records]
    return [event.request_id for event in told if isinstance(event, PrivacyRequestRecorded)]


async def open_letters(kafka: KafkaSettings) -> list[DeadLetter]:
    """Return the dead letters that wait for a decision."""
    async with DeadLetterIndex(kafka) as index:
        return [indexed.letter for indexed in (await index.letters()).values() if indexed.is_open]


async def letters(kafka: KafkaSettings, keys: KeyOpener) -> list[Letter]:
    """Return every dead letter, opened to see which poison it is."""
    found = []
    for record in await everything_on(kafka, *(topic.dead_letters for topic in TOPICS)):
        letter = DEAD_LETTER_EVENTS.validate_json(record.value)
        if isinstance(letter, DeadLetter):
            known = await _word_in(letter, keys) or letter.message_id or ""
            topic = record.topic.removesuffix("-dlq")
            found.append(Letter(letter.event_id, topic, letter.group, letter.reason, known))
    return found


async def _word_in(letter: DeadLetter, keys: KeyOpener) -> str:
    """Return which poison it is; a letter that was replayed is erased."""
    try:
        word = WORD.search((await open_letter(letter, keys)).value)
    except ErasedError:
        return ""
    return word.group().decode() if word else ""


async def digests(database: Database) -> dict[str, str]:
    """Return a digest of each collection, document by document.

    Not of how far adapters looked back, which goes on, nor of departments' days: the router counts them anew every ten
    minutes, from a history that is among these.
    """
    found = {}
    goes_on = {catch_ups.COLLECTION, mailbox_places.COLLECTION, department_days.COLLECTION}
    for name in sorted({*await database.list_collection_names(filter=HOLDING)} - goes_on):
        digest = hashlib.sha256()
        async for document in database[name].find({}).sort("_id", 1):
            digest.update(bson.encode(document))
        found[name] = digest.hexdigest()
    return found


def opening(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the settings with which the run opens dead letters, from a stack's own environment."""
    return {
        "mongodb_uri": environment["GUICHET_MONGODB_URI"],
        "vault_mongodb_uri": environment["GUICHET_VAULT_MONGODB_URI"],
        "vault_database": environment["GUICHET_VAULT_DATABASE"],
        "root_key_file": Path(environment["GUICHET_ROOT_KEY_FILE"]),
    }
