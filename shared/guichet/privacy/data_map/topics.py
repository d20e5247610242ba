"""What of a person rests on the topics. One entry a topic, and one for its dead letters."""

from typing import Any

from guichet.contracts.topics import (
    CASE_COMMANDS,
    CASE_EVENTS,
    CITIZEN_COMMANDS,
    DELIVERY_EVENTS,
    DELIVERY_REPORTS,
    INBOUND,
    INBOUND_THIRD_PARTY,
    KEPT_DECIDED,
    PRIVACY_EVENTS,
    PRIVACY_REQUESTS,
    TOPICS,
    Topic,
)
from guichet.privacy.data_map.entry import (
    FILE_SIZE,
    PUBLIC_TASK,
    Belonging,
    Bond,
    DataMapEntry,
    Erasure,
    Form,
    Join,
    PersonalField,
)
from guichet.privacy.data_map.retention import Executor, KeptFor, Phrase, days

_CITIZEN = PersonalField("citizen", Form.PSEUDONYM, "the sector's own id of the citizen")
_REASON = PersonalField("reason", Form.SEALED, "the agent's reason, in words")

_MESSAGE = (
    PersonalField("key", Form.PSEUDONYM, "ingest pseudonym of the sender, under a key of its own"),
    PersonalField("content", Form.SEALED, "the citizen's addresses, name and words"),
)
_DEAD_LETTER = (
    PersonalField("record", Form.SEALED, "key, headers and bytes as they came (their beginning), and the error's text"),
    PersonalField("aside", Form.PSEUDONYM, "ids of the object and key of a payload that no record carries"),
)

_FIELDS: dict[str, tuple[PersonalField, ...]] = {
    **{topic.name: _MESSAGE for topic in INBOUND},
    INBOUND_THIRD_PARTY.name: (*_MESSAGE, *_DEAD_LETTER),  # what a host could not read goes by it to the dead letters
    CASE_COMMANDS.name: (_REASON, PersonalField("issued_by", Form.PSEUDONYM, "the agent's id")),
    CITIZEN_COMMANDS.name: (PersonalField("proof", Form.PSEUDONYM, "an HMAC that only the link's holder can make"),),
    CASE_EVENTS.name: (_CITIZEN, _REASON, PersonalField("by", Form.PSEUDONYM, "the agent's id")),
    DELIVERY_REPORTS.name: (PersonalField("provider_id", Form.PSEUDONYM, "the provider's id of the message"),),
    DELIVERY_EVENTS.name: (),
    PRIVACY_REQUESTS.name: (PersonalField("citizen", Form.PSEUDONYM, "the registry's id; read by gdpr-worker alone"),),
    PRIVACY_EVENTS.name: (),
}

_BY_CASE = Belonging(Bond.CASE, "case_id")
_BELONGS: dict[str, tuple[Belonging, ...]] = {
    **{topic.name: (Belonging(Bond.MESSAGE, "message_id"),) for topic in INBOUND},
    CASE_COMMANDS.name: (_BY_CASE, Belonging(Bond.MESSAGE, "message_id")),
    CITIZEN_COMMANDS.name: (_BY_CASE,),
    CASE_EVENTS.name: (_BY_CASE,),
    DELIVERY_REPORTS.name: (Belonging(Bond.MESSAGE, "outbound_id"),),
    DELIVERY_EVENTS.name: (_BY_CASE,),
    PRIVACY_REQUESTS.name: (Belonging(Bond.CITIZEN, "citizen"),),
}

_JOINS = (
    Join("key", "one sender's messages are read in their order; it changes every week, as the topic forgets"),
    Join("attachments.size_bytes", FILE_SIZE),
)


def _entry(topic: Topic[Any]) -> DataMapEntry:
    return DataMapEntry(
        place="topic",
        name=topic.name,
        purpose="pass each message, decision and outcome on, once and in order",
        legal_basis=PUBLIC_TASK,
        whose="citizens who write to the town, agents who answer",
        retention=(
            KeptFor(
                period=days(topic.retention.days),
                since=Phrase("it came", "son arrivée"),
                and_until=Phrase("every registered group has handled it", "chaque groupe inscrit l’ait traité"),
                by=Executor.TRIMMING,
            ),
        ),
        on_erasure=Erasure.KEY_DESTROYED if topic.name in _BELONGS else Erasure.NOT_CONCERNED,
        fields=_FIELDS[topic.name],
        belongs=_BELONGS.get(topic.name, ()),
        joins=_JOINS if topic in INBOUND else (),
    )


def _dead_letters_entry(topic: Topic[Any]) -> DataMapEntry:
    return DataMapEntry(
        place="topic",
        name=topic.dead_letters,
        purpose="keep what could not be handled until an operator has replayed or dropped it",
        legal_basis=PUBLIC_TASK,
        whose="citizens and agents",
        retention=(
            KeptFor(
                period=days(KEPT_DECIDED.days),
                since=Phrase("an operator replayed or dropped it", "son rejeu ou son abandon par un opérateur"),
                by=Executor.DEAD_LETTER_TRIMMING,
            ),
        ),
        on_erasure=Erasure.KEY_DESTROYED if topic.name in _BELONGS else Erasure.NOT_CONCERNED,
        fields=_DEAD_LETTER,
        belongs=_BELONGS.get(topic.name, ()),  # of the record that lies in it
    )


DATA_MAP: tuple[DataMapEntry, ...] = (*map(_entry, TOPICS), *map(_dead_letters_entry, TOPICS))
