"""What happens in the vault, as its second copy keeps it: documents as they stand after it, or none. Pure.

Replayed in their order over what the vault held at any moment among them, they end in what it held at the last.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import bson
from bson.codec_options import CodecOptions, DatetimeConversion
from bson.timestamp import Timestamp
from pydantic import ValidationError

from guichet.ids import is_id
from guichet.vault.keys.collections import KEYS, LAST_DESTROYED, RESTORING
from guichet.vault.keys.documents import WRAPPED_KEY
from guichet.vault.schema import vault_collections

LARGEST_KEY: Final = 512  # bytes, twice what one has: any adapter may insert anything among the keys
_MARKS: Final = frozenset({LAST_DESTROYED, RESTORING})
_OF_A_DESTROYED_ONE: Final = frozenset({"_id", "destroyed_at", "awaits_turn"})
READABLE: Final[CodecOptions[dict[str, Any]]] = CodecOptions(
    tz_aware=True,
    unicode_decode_error_handler="replace",
    datetime_conversion=DatetimeConversion.DATETIME_AUTO,
)
"""What reads whatever was inserted: one document that the driver refuses to read would stop the copy for good."""

Event = Mapping[str, Any]


@dataclass(frozen=True)
class Changes:
    """What one frame holds. at: the server's time of the last of them. token: where a stream of changes goes on."""

    at: Timestamp
    token: Mapping[str, Any]
    documents: tuple[dict[str, Any], ...] = ()

    def encoded(self) -> bytes:
        """Return it as the content of a frame."""
        return bson.encode({"at": self.at, "token": dict(self.token), "changes": list(self.documents)})


def decoded(content: bytes) -> Changes:
    """Return what a frame holds."""
    found = bson.decode(content, READABLE)
    return Changes(found["at"], found["token"], tuple(found["changes"]))


def changes_of(events: Iterable[Event]) -> tuple[dict[str, Any], ...]:
    """Return what a copy keeps of these events of a stream: {in: a collection, id, doc}; without `doc` it is gone."""
    found = (_change(event) for event in events)
    return tuple(change for change in found if change is not None)


def _change(event: Event) -> dict[str, Any] | None:
    name = event.get("ns", {}).get("coll")
    if name not in vault_collections():
        return None
    where = {"in": name, "id": event["documentKey"]["_id"]}
    if name == KEYS and not _is_name_of_key(where["id"]):
        return None
    if event["operationType"] == "delete":
        return where
    document = event.get("fullDocument")  # an updated one that was deleted since has none: its deletion follows
    if document is None or (name == KEYS and not _belongs_among_keys(document)):
        return None
    return {**where, "doc": document}


def belongs(name: str, document: bytes) -> bool:
    """Say whether a copy keeps this document of a collection, as raw BSON: what is no key counts for none, here too.

    It must not fill the copy's disk, and would not be understood where the copy is compared with the vault.
    """
    if name != KEYS:
        return True
    if len(document) > LARGEST_KEY:
        return False
    found = bson.decode(document, READABLE)
    return _belongs_among_keys(found)


def _is_name_of_key(found: object) -> bool:
    return isinstance(found, str) and (found in _MARKS or is_id(found))


def _belongs_among_keys(document: Mapping[str, Any]) -> bool:
    if not _is_name_of_key(document["_id"]):
        return False
    if document["_id"] in _MARKS or ("destroyed_at" in document and document.keys() <= _OF_A_DESTROYED_ONE):
        return True
    try:
        WRAPPED_KEY.validate_python(document)
    except ValidationError:
        return False
    return True
