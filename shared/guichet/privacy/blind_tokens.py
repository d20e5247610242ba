"""Search without a legible index: HMACs of folded words and of the beginnings of names. Pure.

The tokens of names, under the sector's key, lie nowhere yet (docs/design.md).
"""

import hmac
import re
import unicodedata
from collections.abc import Iterable

from guichet.privacy.framed_bytes import framed

SHORTEST_PREFIX = 4  # letters; shorter beginnings are shared by too many names to find anyone
TOKEN_BYTES = 12

_WORD = re.compile(r"[^\W_]+")
_SEPARATORS = str.maketrans({chr(code): " " for code in range(128) if not chr(code).isalnum()})
_FRENCH = tuple(
    zip("éèêëàâäçùûüôöîïœæ’«»€\u00a0", (*"eeeeaaacuuuooii", "oe", "ae", "'", " ", " ", " ", " "), strict=True)
)  # replaced one by one, they leave nearly every text of ours in ASCII: 20 µs for one of 1,300 letters instead of 70
_ACCENTS = re.compile(f"[{''.join(filter(unicodedata.combining, map(chr, range(0x300, 0x370))))}]+")


def folded_words(text: str) -> tuple[str, ...]:
    """Return the words in order, without case, accents or ligatures: "Œuvré, L'Été" → oeuvre, l, ete."""
    plain = text.casefold()
    for letter, bare in _FRENCH:
        plain = plain.replace(letter, bare)
    return tuple(plain.translate(_SEPARATORS).split()) if plain.isascii() else _words_of_any_script(plain)


def _words_of_any_script(text: str) -> tuple[str, ...]:
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    if not bare.isascii():  # other scripts have marks of their own
        for accent in filter(unicodedata.combining, set(bare)):
            bare = bare.replace(accent, "")
    return tuple(_WORD.findall(bare.casefold()))


def name_tokens(sector_key: bytes, name: str) -> frozenset[str]:
    """Return what is stored for a name: each word whole, and each of its beginnings of 4 letters or more."""
    return _tokens(sector_key, (form for word in folded_words(name) for form in (word, *_beginnings(word))))


def search_tokens(sector_key: bytes, typed: str) -> frozenset[str]:
    """Return what to look for when someone types (the beginning of) a name: every token must be stored."""
    return _tokens(sector_key, folded_words(typed))


def _beginnings(word: str) -> Iterable[str]:
    return (word[:length] for length in range(SHORTEST_PREFIX, len(word)))


def _tokens(sector_key: bytes, forms: Iterable[str]) -> frozenset[str]:
    return frozenset(hmac.digest(sector_key, framed("name", form), "sha256")[:TOKEN_BYTES].hex() for form in forms)
