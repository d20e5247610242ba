"""Tags and lengths of the Basic Encoding Rules (X.690 8.1), and nothing of what they hold. Pure.

A whole signed file is one element among few: Python's libraries read DER alone (cryptography), or take seconds for a
file that was written in pieces (asn1crypto, pyasn1). The way to it is a dozen steps.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from guichet.errors import PermanentError

MOST_ELEMENTS: Final = 200_000  # a full mail in pieces of 1 KB has a tenth of it
_DEEPEST: Final = 12


@dataclass(frozen=True)
class Element:
    """tag: its first byte. start, end: of its contents. after: where the next one begins."""

    tag: int
    start: int
    end: int
    after: int


class BerReader:
    """Reads the elements of one file. Raises PermanentError for what is none, for too many and for too deep ones."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._left = MOST_ELEMENTS

    def root(self) -> Element:
        """Return the element that the file is."""
        return self._at(0, len(self._content), _DEEPEST)

    def children(self, parent: Element) -> Iterator[Element]:
        """Yield what an element is made of."""
        return self._elements(parent.start, parent.end, _DEEPEST)

    def contents(self, element: Element) -> bytes:
        """Return the bytes of a string, whole or in pieces."""
        if not element.tag & 0x20:
            return self._content[element.start : element.end]
        return b"".join(self._content[each.start : each.end] for each in self.children(element))

    def _elements(self, start: int, end: int, levels: int) -> Iterator[Element]:
        while start < end:
            element = self._at(start, end, levels)
            yield element
            start = element.after

    def _at(self, start: int, end: int, levels: int) -> Element:
        self._left -= 1
        if self._left < 0 or not levels or start + 2 > end:
            raise PermanentError("no element of BER", reason="unreadable")
        tag, length, begin = self._content[start], self._content[start + 1], start + 2
        if length == 0x80:
            return self._indefinite(tag, begin, end, levels)
        if length > 0x80:
            size, begin = length - 0x80, begin + length - 0x80
            length = int.from_bytes(self._content[start + 2 : start + 2 + min(size, 8)])
        if tag & 0x1F == 0x1F or begin + length > end:
            raise PermanentError("an element longer than its file", reason="unreadable")
        return Element(tag, begin, begin + length, begin + length)

    def _indefinite(self, tag: int, start: int, end: int, levels: int) -> Element:
        """Find the end of what says no length: two zeros after its last part."""
        at = start
        while self._content[at : at + 2] != b"\0\0":
            at = self._at(at, end, levels - 1).after
        return Element(tag, start, at, at + 2)
