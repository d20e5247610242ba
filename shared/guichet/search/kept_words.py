"""By which words a message is kept, and found again by guichet.search.query. Pure."""

from collections.abc import Iterable
from itertools import islice
from typing import Final

from guichet.contracts.inbound_content import PHONE_NUMBER, Identifier
from guichet.search.phones import phones_in
from guichet.search.stems import stems_of
from guichet.search.words import words_of

WORDS_AT_MOST: Final = 20_000  # of a message: forty pages; of a longer one, its beginning
_LETTERS_AT_MOST: Final = 200_000


def text_words(text: str) -> tuple[str, ...]:
    """Return the words of a subject or text: its stems in order, then the telephone numbers in it."""
    text = text[:_LETTERS_AT_MOST]
    return (*islice(stems_of(text), WORDS_AT_MOST), *(phone.token for phone in phones_in(text)))


def who_words(name: str | None, addresses: Iterable[Identifier]) -> tuple[str, ...]:
    """Return the words of who wrote or was written to: name, addresses, and telephone numbers as one word."""
    return (*words_of(name or ""), *(word for address in addresses for word in _of_address(address)))


def _of_address(address: Identifier) -> tuple[str, ...]:
    if address.kind == PHONE_NUMBER:
        return tuple(phone.token for phone in phones_in(address.value)) or words_of(address.value)
    return words_of(address.value)
