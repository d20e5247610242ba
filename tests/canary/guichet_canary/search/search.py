"""Find canaries in any amount of bytes, in one pass and bounded memory. Pure: bytes in, hits out.

Four looks at each block: as it is and without line breaks (base64 and quoted-printable are broken anywhere), each of
them as it is and with small letters. An Aho-Corasick automaton looks for all patterns at once.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from ahocorasick_rs import BytesAhoCorasick

from guichet_canary.search.forms import Form, forms_of
from guichet_canary.search.values import Canary

BLOCK: Final = 4 * 1024 * 1024
_CONTEXT: Final = 60  # bytes shown before a hit, half as many after it
_BREAK: Final = rb"(?:=?\r?\n|\\r\\n|\\n)*"  # a line's end, as it is or as JSON writes it
_PRINTABLE: Final = bytes(each if 32 <= each < 127 else ord(".") for each in range(256))


@dataclass(frozen=True)
class Hit:
    """Where a canary was found. where: a file's name within the stack, or what else was looked at."""

    where: str
    offset: int
    form: str
    canary: Canary
    context: str

    def __str__(self) -> str:
        return f"{self.where} at {self.offset}: {self.canary.label} as {self.form}: …{self.context}…"


@dataclass(frozen=True)
class _Sought:
    canary: Canary
    form: Form


class Search:
    """Looks for canaries. Building it takes a moment; use one for everything."""

    def __init__(self, canaries: Iterable[Canary]) -> None:
        sought = list(_sought(canaries))
        self._blind = _Automaton([each for each in sought if each.form.blind])
        self._exact = _Automaton([each for each in sought if not each.form.blind])
        self.overlap = 2 * max((len(each.form.pattern) for each in sought), default=0) + 16

    def in_bytes(self, where: str, content: bytes) -> list[Hit]:
        """Return what is found in `content`, one hit for each place, form and canary."""
        return list(self.in_blocks(where, [(0, content)]))

    def in_blocks(self, where: str, blocks: Iterable[tuple[int, bytes]]) -> Iterator[Hit]:
        """Yield what is found. blocks: offset and bytes, each block repeating the last `overlap` of the one before."""
        seen: set[tuple[int, str, str]] = set()
        for base, block in blocks:
            for start, end, found in self._in_block(block):
                mark = (base + start, found.form.name, found.canary.label)
                if mark not in seen:
                    seen.add(mark)
                    yield Hit(where, base + start, found.form.name, found.canary, self._context(block, start, end))

    def _in_block(self, block: bytes) -> Iterator[tuple[int, int, _Sought]]:
        unbroken = without_breaks(block)
        for automaton, small in ((self._exact, False), (self._blind, True)):
            seen_at = block.lower() if small else block
            yield from automaton.find(seen_at)
            if len(unbroken) != len(block):
                for _, _, found in automaton.find(unbroken.lower() if small else unbroken):
                    yield from ((start, end, found) for start, end in _broken_places(seen_at, found.form.pattern))

    def _context(self, block: bytes, start: int, end: int) -> str:
        """Return what surrounds a hit, itself and every other canary in sight taken out."""
        first = max(0, start - _CONTEXT)
        shown = block[first : end + _CONTEXT // 2]
        taken = [(start - first, end - first), *((s, e) for s, e, _ in self._in_block_once(shown))]
        text = bytearray(shown.translate(_PRINTABLE))
        for from_, to in taken:
            text[from_:to] = b"#" * (to - from_)
        return re.sub("#+", "[…]", text.decode("ascii"))

    def _in_block_once(self, block: bytes) -> Iterator[tuple[int, int, _Sought]]:
        yield from self._exact.find(block)
        yield from self._blind.find(block.lower())


class _Automaton:
    def __init__(self, sought: list[_Sought]) -> None:
        self._sought = sought
        self._automaton = BytesAhoCorasick([each.form.pattern for each in sought]) if sought else None

    def find(self, block: bytes) -> Iterator[tuple[int, int, _Sought]]:
        if self._automaton is not None:
            for index, start, end in self._automaton.find_matches_as_indexes(block, overlapping=True):
                yield start, end, self._sought[index]


def without_breaks(block: bytes) -> bytes:
    """Return a block without line breaks: soft ones (quoted-printable), plain ones, and as JSON writes them."""
    joined = block
    for soft in (b"=\r\n", b"=\n"):
        joined = joined.replace(soft, b"")
    joined = joined.translate(None, b"\r\n")
    for written in (b"\\r\\n", b"\\n"):
        joined = joined.replace(written, b"")
    return joined


def _broken_places(block: bytes, pattern: bytes) -> Iterator[tuple[int, int]]:
    """Yield where a pattern lies in a block, line breaks anywhere within it."""
    spread = _BREAK.join(re.escape(pattern[place : place + 1]) for place in range(len(pattern)))
    yield from ((found.start(), found.end()) for found in re.finditer(spread, block))


def _sought(canaries: Iterable[Canary]) -> Iterator[_Sought]:
    seen: set[tuple[bytes, bool]] = set()
    for canary in canaries:
        for needle in canary.needles:
            for form in forms_of(needle):
                if (form.pattern, form.blind) not in seen:
                    seen.add((form.pattern, form.blind))
                    yield _Sought(canary, form)
