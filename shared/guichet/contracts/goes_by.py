"""The version of what names another address than the one that wrote (docs/decisions/0084). Pure."""

from typing import Any, Final

CHOSEN: Final = 2
"""Of a record whose `goes_by` is set. A reader of before would send it back to who wrote: it refuses what it does not
know, and the record is a dead letter until that reader is updated. Every other one stays 1, which all read."""


def with_version(said: Any) -> Any:
    """Return a record as it comes in, before it is validated, in the version that what it says takes."""
    if isinstance(said, dict) and said.get("goes_by") is not None:
        return {**said, "schema_version": CHOSEN}
    return said
