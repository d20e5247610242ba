"""Today's records as an earlier version reads them, for going back to it (docs/decisions/0054). Pure."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

_RECEIVED_1: Final = (
    *("type", "event_id", "occurred_at", "message_id", "channel", "accounts", "received_at"),
    *("automatic", "edits", "content"),
)
_ATTACHMENT: Final = ("attachment_id", "content_type", "size_bytes")
_NO_SUCH_RECORD: Final = (ValueError, TypeError, KeyError, AttributeError, RecursionError)
"""What reading any bytes as such a record raises."""


def received_in_version_1(value: bytes) -> bytes | None:
    """Return a MessageReceived of version 2 as version 1; None for what is none, unreadable records among it.

    What version 1 cannot say goes: whether a filter suspects it, why it could not be read, the arrival beside the date
    of receipt. A file has no keyed digest any more: a blank one.
    """
    try:
        return _as_version_1(json.loads(value))
    except _NO_SUCH_RECORD:  # today's version did not read it either: it is, or becomes, a dead letter
        return None


def _as_version_1(record: Any) -> bytes | None:
    if (record.get("type"), record.get("schema_version")) != ("MessageReceived", 2):
        return None
    files = [{**{name: each[name] for name in _ATTACHMENT}, "digest": ""} for each in record.get("attachments", ())]
    earlier = {name: record[name] for name in _RECEIVED_1 if name in record}
    return json.dumps({**earlier, "schema_version": 1, "attachments": files}, ensure_ascii=False).encode()


SINCE: Final[Mapping[int, Callable[[bytes], bytes | None]]] = {22: received_in_version_1}
"""Migration → how what is written since it is said to a version that does not know it."""
