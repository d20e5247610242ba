"""Where a message is about, as words: what an agent typed, where a position lies, which streets of the town it names.

Names are those of the town's own map; without one, what was typed is all. A street is named in a text by its whole
name: « M. Tanneur » lives in no « rue des Tanneurs ». Pure.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from guichet.contracts.inbound_content import InboundContent
from guichet.search.words import is_empty, words_of
from guichet.town.place_names import PlaceNames, named_shapes
from guichet.town.town_map import TownMap

_READ_AT_MOST: Final = 20_000  # letters of a text in which places are looked for
_SHORT: Final = {
    "all": "allee",
    "av": "avenue",
    "ave": "avenue",
    "bd": "boulevard",
    "bld": "boulevard",
    "blvd": "boulevard",
    "boul": "boulevard",
    "ch": "chemin",
    "chem": "chemin",
    "fbg": "faubourg",
    "fg": "faubourg",
    "imp": "impasse",
    "pl": "place",
    "rte": "route",
    "sq": "square",
    "st": "saint",
    "ste": "sainte",
}
# What follows is quoted, or a signature: the town's own address under its answer, or where a citizen lives.
_NOT_THEIRS: Final = re.compile(
    r"^(?:>|-- ?$|-{2,} ?(?:message d.origine|original message)|(?:de|from) ?: )", re.IGNORECASE | re.MULTILINE
)


def place_words(text: str) -> tuple[str, ...]:
    """Return the words of a place, as it is kept and as it is typed: « av. de la Gare » is avenue gare."""
    return spelt_out(words_of(text))


def spelt_out(words: Iterable[str]) -> tuple[str, ...]:
    """Return folded words as those of a place."""
    return tuple(_SHORT.get(word, word) for word in words if not is_empty(word))


class TownPlaces:
    """What a town calls its places. town_map: None where it has none."""

    def __init__(self, town_map: TownMap | None) -> None:
        self._at = PlaceNames(town_map)
        self._named = dict[tuple[str, ...], str]()
        lengths = defaultdict[tuple[str, ...], set[int]](set)
        for shape in named_shapes(town_map):
            if len(words := place_words(shape.name)) > 1:  # one alone is too often something else: « les lilas »
                self._named[words] = shape.name
                lengths[words[:2]].add(len(words))
        self._lengths = {begins: sorted(each) for begins, each in lengths.items()}

    def of(self, content: InboundContent) -> tuple[str, ...]:
        """Return the names by which a message says where: as they stand on the map, or as an agent typed them."""
        return tuple(dict.fromkeys((*self.said(content), *self._named_in((content.subject or "", content.text)))))

    def said(self, content: InboundContent) -> tuple[str, ...]:
        """Return those of them that stand in no subject and no text."""
        typed = (content.place,) if content.place else ()
        return (*typed, *(self._at.at(content.location) if content.location is not None else ()))

    def _named_in(self, texts: Iterable[str]) -> Iterable[str]:
        for text in texts:
            read = text[:_READ_AT_MOST]
            ends = _NOT_THEIRS.search(read)
            words = place_words(read[: ends.start()] if ends else read)
            for nth in range(len(words)):  # every third street is a « rue »: so by two words, then by whole names
                for length in self._lengths.get(words[nth : nth + 2], ()):
                    if (name := self._named.get(words[nth : nth + length])) is not None:
                        yield name
