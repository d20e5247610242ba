"""Where the words that were looked for stand in a text: a piece of it, with these marked. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from guichet.search.phones import phones_in
from guichet.search.places import spelt_out
from guichet.search.query import InPlace, InSubject, SearchQuery, Somewhere, Who
from guichet.search.stems import stem_of
from guichet.search.words import is_empty, words_of
from guichet.search_files.match import PREFIX_FROM

BEFORE: Final = 60  # letters of a piece, before the first word that was looked for
LENGTH: Final = 220
READ_AT_MOST: Final = 10_000  # letters of a text in which words are looked for, to show where they stand
_WORD: Final = re.compile(r"[^\W_]+")
_TIED: Final = "\u00a0"  # a blank at which no line ends
_BLANK: Final = re.compile(r"\s+")


@dataclass(frozen=True)
class Part:
    """A piece of a text. is_found: what was looked for."""

    text: str = field(repr=False)
    is_found: bool = False


@dataclass(frozen=True)
class Wanted:
    """What is marked: stems in texts, words of names (the last of a term by its beginning), telephone numbers."""

    stems: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    beginnings: tuple[str, ...] = ()
    phones: frozenset[str] = frozenset()

    @property
    def words(self) -> bool:
        """Whether any words are looked for."""
        return bool(self.stems or self.names or self.beginnings)


def wanted_in_text(query: SearchQuery) -> Wanted:
    """Return what is marked in a subject or a text."""
    stems = {stem for term in query.each_term if isinstance(term, (Somewhere, InSubject)) for stem in term.stems}
    phones = {term.phone for term in query.each_term if isinstance(term, Somewhere) and term.phone}
    return replace(_by_names(_places_in(query)), stems=frozenset(stems), phones=frozenset(phones))


def wanted_in_name(query: SearchQuery) -> Wanted:
    """Return what is marked in a name."""
    return _by_names(term.names for term in query.each_term if isinstance(term, (Somewhere, Who)))


def wanted_in_place(query: SearchQuery) -> Wanted:
    """Return what is marked in the name of a place."""
    anywhere = (spelt_out(term.names) for term in query.each_term if isinstance(term, Somewhere))
    return _by_names((*anywhere, *_places_in(query)))


def _places_in(query: SearchQuery) -> Iterable[tuple[str, ...]]:
    return [term.place for term in query.each_term if isinstance(term, InPlace)]


def _by_names(names: Iterable[tuple[str, ...]]) -> Wanted:
    """Return what is marked of names, of which each may be half typed."""
    typed = [each for each in names if each]
    return Wanted(
        names=frozenset(name for each in typed for name in each),
        beginnings=tuple(each[-1] for each in typed if len(each[-1]) >= PREFIX_FROM),
    )


def marked_places(names: Iterable[str], wanted: Wanted) -> tuple[tuple[Part, ...], ...]:
    """Return those of the names of places in which something was looked for, with it marked."""
    every = (marked(name, wanted) for name in names)
    return tuple(parts for parts in every if any(part.is_found for part in parts))


def marked(text: str, wanted: Wanted) -> tuple[Part, ...]:
    """Return a whole text with what was looked for marked."""
    return tuple(_parts(text, [*_places(text, wanted)]))


def excerpt(text: str, wanted: Wanted) -> tuple[Part, ...]:
    """Return a piece of a text around the first word that was looked for; its beginning where there is none."""
    plain = _BLANK.sub(" ", text[:READ_AT_MOST]).strip()
    first = next(_places(plain, wanted), (0, 0))[0]
    begin = _word_begin(plain, first - BEFORE) if first > BEFORE else 0
    end = _word_end(plain, begin + LENGTH)
    piece = f"{f'…{_TIED}' if begin else ''}{plain[begin:end]}{f'{_TIED}…' if end < len(plain) else ''}"
    return marked(piece, wanted)


def _places(text: str, wanted: Wanted) -> Iterator[tuple[int, int]]:
    """Yield where something stands that was looked for, in order, from and until where."""
    numbers = phones_in(text) if wanted.phones else ()
    phones = [(each.start, each.end) for each in numbers if each.token in wanted.phones]
    found = _WORD.finditer(text) if wanted.words else iter(())  # a stem of each word of a long text takes its time
    words = ((each.start(), each.end()) for each in found if _is_wanted(each[0], wanted))
    yield from (phones and sorted({*phones, *words})) or words


def _is_wanted(word: str, wanted: Wanted) -> bool:
    folded = words_of(word)
    if wanted.stems and any(not is_empty(each) and stem_of(each) in wanted.stems for each in folded):
        return True
    return any(each in wanted.names or each.startswith(wanted.beginnings) for each in folded)


def _parts(text: str, places: list[tuple[int, int]]) -> Iterator[Part]:
    at = 0
    for start, end in places:
        if start < at:
            continue
        if start > at:
            yield Part(text[at:start])
        yield Part(text[start:end], is_found=True)
        at = end
    if at < len(text):
        yield Part(text[at:])


def _word_begin(text: str, at: int) -> int:
    found = text.find(" ", max(0, at))
    return found + 1 if found >= 0 else max(0, at)


def _word_end(text: str, at: int) -> int:
    if at >= len(text):
        return len(text)
    found = text.rfind(" ", 0, at)
    return found if found > at - LENGTH // 2 else at
