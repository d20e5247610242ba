"""A large database made of small samples: the same documents again and again, each about something else.

What names something (an id, a pseudonym, a sealed value) differs in each copy; what only a few values can be, as a
state or a department, stays. So an index that tells states apart finds many, one that tells cases apart finds few.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from pymongo.errors import BulkWriteError
from pymongo.synchronous.database import Database
from pymongo.write_concern import WriteConcern

from guichet.mongo.bulk import are_duplicates
from guichet.store.deliveries.document import NEVER

# Fields of few values, whatever the number of documents.
OF_FEW_VALUES: Final = frozenset(
    {
        *("state", "sector", "department", "channel", "kind", "type", "lane", "purpose", "form", "direction"),
        *("rule", "account", "sender", "act", "thing", "reason", "name", "provenance", "step", "outcome", "language"),
    }
)
# What hardly any document is at one time; a copy is what the others are.
IN_PASSING: Final[Mapping[str, tuple[Any, Any]]] = {
    "filed": (None, "a case"),
    "finished": (False, True),
    "unpublished": (True, False),
}
APART: Final = timedelta(minutes=1)
AT_ONCE: Final = 1_000

Document = Mapping[str, Any]


def fill(database: Database[Any], collection: str, samples: Sequence[Document], size: int) -> None:
    """Insert `size` copies of the samples, and the samples themselves. Two that cannot stand side by side are one."""
    target = database.get_collection(collection, write_concern=WriteConcern(w=1, j=False))
    documents = [*samples, *_copies(samples, size)]
    for start in range(0, len(documents), AT_ONCE):
        try:
            target.insert_many(documents[start : start + AT_ONCE], ordered=False)
        except BulkWriteError as exc:
            if not are_duplicates(exc):
                raise


def _copies(samples: Sequence[Document], size: int) -> Iterator[Document]:
    return (copy_of(samples[number % len(samples)], number + 1) for number in range(size))


def copy_of(sample: Any, number: int) -> Any:
    """Return a copy that is about something else: the `number`th of all. Pure."""
    if isinstance(sample, Mapping):
        copy = {name: _copy_under(name, value, number) for name, value in sample.items()}
        return copy | ({"_id": _other_id(sample["_id"], number)} if "_id" in sample else {})
    if isinstance(sample, list):
        return [copy_of(each, number) for each in sample]
    if isinstance(sample, datetime):
        return sample if sample == NEVER else sample + APART * (number if number % 2 else -number)
    return f"{sample}~{number}" if isinstance(sample, str) else sample


def _copy_under(name: str, value: Any, number: int) -> Any:
    if name in IN_PASSING and value is IN_PASSING[name][0]:
        return copy_of(IN_PASSING[name][1], number)
    return value if name in OF_FEW_VALUES and not isinstance(value, Mapping) else copy_of(value, number)


def _other_id(value: Any, number: int) -> Any:
    if isinstance(value, int):
        return value + number * 1_000
    if isinstance(value, bytes):
        return value + number.to_bytes(4)
    return copy_of(value, number)
