"""A sealed text takes the place of another, whose key is named until a round has destroyed it (guichet.mongo.ended).

One write does both: whoever is killed, either the old text stands or its key is listed among the former ones.
"""

from datetime import datetime
from typing import Any, Final

from guichet.mongo.ended import Ends

THERE: Final = {"removed_at": None}


def replacing(ends: Ends, fields: dict[str, Any], at: datetime) -> list[dict[str, Any]]:
    """Return the update that sets a document's fields, and lists the keys of what these were sealed under before.

    ends: with one sealed field, and the name of the list. What was removed is there again. The key of these fields is
    never listed: what is kept twice, or once more after something else, is sealed under it.
    """
    (sealed,) = ends.sealed
    was = {"$ifNull": [f"${sealed}.key_id", None]}
    listed = {"$ifNull": [f"${ends.former}", []]}
    with_it = {"$concatArrays": [listed, [{"key_id": was, "at": {"$literal": at}}]]}
    not_in_use = {"$not": [{"$in": ["$$each.key_id", [None, {"$literal": fields[sealed]["key_id"]}]]}]}
    former = {"$filter": {"input": with_it, "as": "each", "cond": not_in_use}}
    return [
        {"$set": {ends.former: former, ends.field: {"$literal": None}}},
        {"$set": {name: {"$literal": value} for name, value in fields.items()}},
    ]
