"""Which collections of a database hold anything: views show what lies elsewhere, and are the server's to list."""

from typing import Any, Final

HOLDING: Final[dict[str, Any]] = {"type": "collection", "name": {"$not": {"$regex": r"^system\."}}}
"""The filter for `list_collection_names`."""
