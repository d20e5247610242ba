"""Pages of a list, as its address names them. Pure; what an address does not say in our words is left out."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

ROWS: Final = 25  # of a page: more than a screen shows, and few enough for a first view below 100 KB
_LAST: Final = 10_000


def page_in(words: Mapping[str, str]) -> int:
    """Return which page an address asks for, the first by default. words: its query."""
    page = words.get("page", "")
    return max(1, min(int(page[:6]), _LAST)) if page.isascii() and page.isdigit() else 1


def list_address(path: str, choices: Mapping[str, str], page: int) -> str:
    """Return the address of a page of a list. choices: words of its query; those that are blank are left out."""
    query = urlencode({name: word for name, word in {**choices, "page": str(page) if page > 1 else ""}.items() if word})
    return f"{path}?{query}" if query else path
