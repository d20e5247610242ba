"""Everything sealed that a copy holds: where it lies, what it was sealed for, under which key. No key is needed here.

A sealed value in a place that the tables do not know is an error: whoever adds one says here how it is opened.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from guichet.contracts.base import Sealed
from guichet.contracts.dead_letters import PayloadGivenUp
from guichet.ids import KeyId
from guichet.vault.sealing import Thing
from guichet_testing.stolen_copy.segments import Record

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Item:
    """One sealed value. place: collection, topic or "objects"; at: the document's id, the record's place, the file."""

    place: str
    at: str
    thing: Thing
    name: str  # the field that it was sealed as
    key_id: KeyId = field(compare=False)
    box: bytes = field(compare=False, repr=False)


class UnknownPlaceError(AssertionError):
    """Something is sealed where nothing was known to be."""


Owner = Callable[[Document, Document], tuple[Thing, str]]
"""Of the whole document and the one that has the sealed field: the thing and the field name that it was sealed for.

What is a member of a list has its place there, counted from 1, for a document: {"number": 1}.
"""


def _itself(kind: str, name: str, key: str = "_id") -> Owner:
    return lambda whole, _: (Thing(kind, whole[key]), name)


_PLACES: Final[Mapping[str, Owner]] = {
    "messages.content": _itself("message", "content"),
    "bulk_cases.words": _itself("bulk-case", "words"),
    "drafts.words": _itself("draft", "words"),
    "drafts.files.name": lambda whole, part: (Thing("draft", whole["_id"]), f"file-name:{part['file_id']}"),
    "drafts.leaving.files.name": lambda whole, part: (Thing("draft", whole["_id"]), f"file-name:{part['file_id']}"),
    "drafts.signing": _itself("draft", "signing"),
    "notes.words": _itself("note", "words"),
    "saved_answers.words": _itself("saved-answer", "words"),
    "saved_views.list": _itself("saved-view", "list"),
    "letters.sheet": _itself("scanned-letter", "sheet"),
    "letters.scan": _itself("scanned-letter", "scan"),
    "letters.previews": lambda whole, part: (Thing("scanned-letter", whole["_id"]), f"preview:{part['number']}"),
    "letters.filing.typed": lambda whole, _: (Thing("scanned-letter", whole["_id"]), "typed"),
    "cases.subject": _itself("case", "subject"),
    "cases.linked_to": _itself("case", "linked_to"),
    "cases.no_receipt": _itself("case", "no_receipt"),
    "cases.link": _itself("case", "link"),
    "case_history.reason": lambda whole, _: (Thing("case", whole["case_id"]), whole["reason_field"]),
    "cases.outbox.event.reason": lambda whole, part: (Thing("case", whole["_id"]), part["caused_by"]),
    "abuse_declarations.reason": lambda whole, _: (Thing("case", whole["case_id"]), whole["reason_field"]),
    "citizens.record": _itself("citizen", "record"),
    "identifiers.value": _itself("identifier", "value"),
    "inbound-third-party.record": lambda whole, _: (
        Thing("dead-letter", PayloadGivenUp.model_validate(whole).letter_id),
        "record",
    ),
    "case-commands.reason": lambda _, part: (Thing("case", part["case_id"]), part["event_id"]),
    "case-events.reason": lambda _, part: (Thing("case", part["case_id"]), part["caused_by"]),
}
_INBOUND: Final = _itself("message", "content", "message_id")
_LETTER: Final = _itself("dead-letter", "record", "event_id")


def items_in_collection(name: str, documents: Iterable[Document]) -> Iterator[Item]:
    """Yield what is sealed in a collection's documents."""
    for document in documents:
        yield from _items(name, str(document["_id"]), document)


def items_in_records(records: Iterable[Record]) -> Iterator[Item]:
    """Yield what is sealed in topics' records."""
    for record in records:
        yield from _items(record.topic, f"{record.partition}/{record.offset}", json.loads(record.value))


def items_in_objects(
    files: Mapping[str, bytes], messages: Iterable[Document], drafts: Iterable[Document] = ()
) -> Iterator[Item]:
    """Yield the files of these messages and drafts, each sealed under the key of what it goes with."""
    for message in messages:
        for attachment in message.get("attachments", ()):
            name = attachment["attachment_id"]
            thing, key_id = Thing("message", message["_id"]), KeyId(message["content"]["key_id"])
            yield Item("objects", name, thing, f"attachment:{name}", key_id, files[name])
    for draft in drafts:
        for file in draft.get("files", ()):
            thing, key_id = Thing("draft", draft["_id"]), KeyId(draft["words"]["key_id"])
            yield Item(
                "objects", file["file_id"], thing, f"attachment:{file['file_id']}", key_id, files[file["file_id"]]
            )


def _items(place: str, at: str, whole: Document) -> Iterator[Item]:
    for path, part, value in _sealed_fields(whole, ""):
        thing, name = _owner(place, path)(whole, part)
        sealed = Sealed.model_validate(value)
        yield Item(place, at, thing, name, sealed.key_id, sealed.box)


def _owner(place: str, path: str) -> Owner:
    if place.endswith("-dlq") and path == "record":
        return _LETTER
    if place.startswith("inbound-") and path == "content":
        return _INBOUND
    if (owner := _PLACES.get(f"{place}.{path}")) is None:
        raise UnknownPlaceError(f"{place}: {path} is sealed, and nothing here says for what")
    return owner


def _sealed_fields(node: Any, path: str, owner: Document | None = None) -> Iterator[tuple[str, Document, Document]]:
    """Yield path, the document that has the field, and the sealed value."""
    if isinstance(node, Mapping):
        if node.keys() >= {"key_id", "box"}:
            assert owner is not None
            yield path, owner, node
            return
        for name, value in node.items():
            yield from _sealed_fields(value, f"{path}.{name}" if path else name, node)
    elif isinstance(node, list):
        for number, value in enumerate(node, start=1):
            yield from _sealed_fields(value, path, {"number": number})
