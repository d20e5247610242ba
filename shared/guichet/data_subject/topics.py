"""What topics still hold of a person: second copies of their messages, and dead letters about them or from them.

A source that delivers a message twice has it sealed twice, and only one of the two is stored. So the inbound topics
and every `-dlq` are read from beginning to end.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka.structs import ConsumerRecord
from pydantic import ValidationError

from guichet.contracts.base import Sealed
from guichet.contracts.dead_letters import DeadLetter
from guichet.contracts.inbound import MessageReceived
from guichet.contracts.inbound_content import Identifier
from guichet.contracts.topics import INBOUND, TOPICS, Topic
from guichet.data_subject.dead_letter_owner import LetterJudge
from guichet.data_subject.dead_letters import given_up_in, letters_in
from guichet.data_subject.finder import IDENTIFIERS
from guichet.data_subject.ownership import owned
from guichet.data_subject.personal_data import PersonalData, Spared
from guichet.data_subject.senders import MESSAGES
from guichet.errors import PermanentError
from guichet.ids import IdentifierId, KeyId, MessageId
from guichet.kafka.groupless.whole import read_whole
from guichet.privacy.data_map.entry import Bond, DataMapEntry
from guichet.privacy.data_map.topics import DATA_MAP
from guichet.runtime.settings import KafkaSettings
from guichet.store.documents import DocumentFinder
from guichet.store.objects import ObjectStore, is_object_key
from guichet.store.registry.identifiers import VALUE
from guichet.vault.fields import open_each
from guichet.vault.ports import KeyOpener


@dataclass
class _Found:
    keys: set[KeyId] = field(default_factory=set)
    objects: set[str] = field(default_factory=set)
    messages: set[MessageId] = field(default_factory=set)


class LogPass:
    """Reads what no document leads to. registry_key: 32 bytes. topics: these and their `-dlq`."""

    def __init__(
        self,
        *,
        kafka: KafkaSettings,
        documents: DocumentFinder,
        vault: KeyOpener,
        objects: ObjectStore,
        registry_key: bytes,
        topics: Sequence[Topic[Any]] = TOPICS,
        data_map: Sequence[DataMapEntry] = DATA_MAP,
    ) -> None:
        self._kafka = kafka
        self._documents = documents
        self._vault = vault
        self._objects = objects
        self._registry_key = registry_key
        self._dead_letters = [topic.dead_letters for topic in topics]
        self._inbound = [topic.name for topic in topics if topic.events in [each.events for each in INBOUND]]
        self._entries = {entry.name: entry for entry in data_map}

    async def find(self, personal_data: PersonalData) -> PersonalData:
        """Return living keys and files that `personal_data` does not name, and messages that lie in dead letters only.

        Who sent a dead letter can be told while the person's addresses open: call it before their keys are destroyed.
        With empty personal_data it finds what came again of anybody who is erased. Raises TransientError.
        """
        found = _Found()
        judge = LetterJudge(
            personal_data,
            await self._in_clear(personal_data.addresses),
            documents=self._documents,
            vault=self._vault,
            registry_key=self._registry_key,
            entries=self._entries,
        )
        async for records in read_whole(self._kafka, self._dead_letters):
            await self._take_letters(letters_in(records), judge, personal_data.spared, found)
        async for records in read_whole(self._kafka, self._inbound):
            await self._take_letters(given_up_in(records), judge, personal_data.spared, found)
            await self._take_second_copies(records, personal_data, found)
        return await self._remaining(found, personal_data)

    async def _take_letters(
        self, letters: Sequence[DeadLetter], judge: LetterJudge, spared: Spared, found: _Found
    ) -> None:
        for letter in await judge.theirs(letters):
            if letter.message and letter.message.message_id in spared.messages:
                continue  # evidence: it was filed after all, and its copies are as it is
            found.keys |= letter.keys
            found.objects |= letter.objects
            if message := letter.message:
                found.messages.add(message.message_id)

    async def _take_second_copies(
        self, records: Sequence[ConsumerRecord], personal_data: PersonalData, found: _Found
    ) -> None:
        messages = _messages_in(records)
        ids = {str(message.message_id) for message in messages}
        mine = await owned({Bond.MESSAGE: ids}, personal_data, self._documents) | found.messages
        mine -= personal_data.spared.messages
        for message in messages:
            if message.message_id in mine:
                found.keys.add(message.content.key_id)
                found.objects.update(attachment.attachment_id for attachment in message.attachments)

    async def _in_clear(self, addresses: Collection[IdentifierId]) -> list[Identifier]:
        """Open addresses, left out those whose keys are destroyed and those that do not open, which is heard of."""
        documents = await self._documents.find(IDENTIFIERS, "_id", addresses, ("kind", "value"))
        sealed = {each["_id"]: VALUE.on(each["_id"], Sealed.model_validate(each["value"])) for each in documents}
        clear = (await open_each(self._vault, sealed)).values
        return [
            Identifier(kind=document["kind"], value=clear[document["_id"]])
            for document in documents
            if document["_id"] in clear
        ]

    async def _remaining(self, found: _Found, personal_data: PersonalData) -> PersonalData:
        keys = await self._vault.open_keys(found.keys - personal_data.keys - personal_data.spared.keys)
        unnamed = found.objects - personal_data.objects - personal_data.spared.objects
        named = sorted(filter(is_object_key, unnamed))
        objects = [each for each in named if await self._is_there(each)]
        known = await owned({Bond.MESSAGE: set(found.messages)}, personal_data, self._documents)
        fresh = frozenset(found.messages) - known
        return PersonalData(
            documents={MESSAGES: frozenset(fresh)} if fresh else {},
            keys=frozenset(keys),
            objects=frozenset(objects),
        )

    async def _is_there(self, object_id: str) -> bool:
        try:
            await self._objects.get(object_id)
        except PermanentError:
            return False
        return True


def _messages_in(records: Sequence[ConsumerRecord]) -> list[MessageReceived]:
    """Return the messages among raw records; what is none lies in the dead letters too, where it is judged."""
    found = []
    for record in records:
        try:
            found.append(MessageReceived.model_validate_json(record.value or b""))
        except ValidationError:
            continue
    return found
