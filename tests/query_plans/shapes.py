"""What two documents or commands have in common when only their values differ. Pure."""

from collections.abc import Mapping
from typing import Any


def shape_of(value: Any) -> str:
    """Return the names and types in a value. A list is as its elements are, however many of each kind."""
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{name}:{shape_of(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(sorted({shape_of(inner) for inner in value})) + "]"
    return type(value).__name__ if not isinstance(value, bool) else str(value)
