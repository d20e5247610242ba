"""A store of a million cases within minutes: real documents of a small one, copied inside mongod under other ids.

A copy is as valid as its original to everybody who only looks for it: ids, anchors, pseudonyms and references are
unique and spread as evenly as real ones, since all of them are random hex digits whose first three are replaced, and
what refers to a document goes with it. Its sealed fields open under the original's id only, so nobody may have to open one.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

Stage = dict[str, Any]
DIGITS: Final = 3
MOST: Final = 16**DIGITS

_IDS: Final[dict[str, tuple[str, ...]]] = {
    "cases": ("_id", "citizen", "opened_by", "last_inbound", "follow"),
    "case_history": ("_id", "case_id", "cause", "message_id"),
    "messages": ("_id", "filed", "citizen"),
    "threads": ("_id",),
    "identifiers": ("_id",),
    "citizens": ("_id",),
}
_NESTED: Final = {"threads": ("claims", ("of_case", "of_message")), "identifiers": ("holders", ("citizen_id",))}


def prefixes(count: int) -> list[str]:
    """Return `count` different beginnings of ids, spread over all there are. Raises ValueError for too many."""
    if not 0 < count <= MOST:
        raise ValueError(f"{count} copies: {MOST} is the most")
    return [f"{number * MOST // count:0{DIGITS}x}" for number in range(count)]


def copying(collection: str, beginnings: Sequence[str], target: str) -> list[Stage]:
    """Return the pipeline that writes a copy of each document per beginning into the same collection of `target`."""
    changes = {field: _renamed(f"${field}") for field in _IDS[collection]}
    if collection == "cases":
        changes["reference"] = {"$concat": ["$beginning", "-", "$reference"]}
    if collection in _NESTED:
        changes |= _nested(*_NESTED[collection])
    return [
        {"$set": {"beginning": list(beginnings)}},
        {"$unwind": "$beginning"},
        {"$set": changes},
        {"$unset": "beginning"},
        {"$out": {"db": target, "coll": collection}},
    ]


def _nested(array: str, fields: Sequence[str]) -> Stage:
    renamed = {field: _renamed(f"$$each.{field}") for field in fields}
    return {array: {"$map": {"input": f"${array}", "as": "each", "in": {"$mergeObjects": ["$$each", renamed]}}}}


def _renamed(field: str) -> Stage:
    """Replace an id's first digits; what is no id stays."""
    other = {"$concat": ["$beginning", {"$substrCP": [field, DIGITS, 64]}]}
    return {"$cond": [{"$eq": [{"$type": field}, "string"]}, other, field]}


def copy_all(client: Any, source: str, target: str, count: int) -> Iterator[str]:
    """Copy what the router reads in a database `count` times; yield each collection's name when it is done.

    client: a pymongo client. Indexes are the caller's to make, afterwards.
    """
    beginnings = prefixes(count)
    for name in _IDS:
        client[source][name].aggregate(copying(name, beginnings, target), allowDiskUse=True)
        yield name
