"""« de » before the name of a town: « du Havre », « des Sables-d’Olonne », « d’Arles ». Pure."""

import unicodedata
from typing import Final

_CONTRACTED: Final = {"Le ": "du ", "Les ": "des "}
_VOWELS: Final = frozenset("aeiou")


def of_town(name: str) -> str:
    """Return a town's name behind « de ».

    Of an h nobody can tell whether it is aspirated (« de Honfleur », « d’Hyères »): « de » stays before it. A y sounds
    as a vowel before a consonant (« d’Yvetot »), and as none before a vowel (« de Yutz »).
    """
    for article, contracted in _CONTRACTED.items():
        if name.startswith(article):
            return contracted + name.removeprefix(article)
    return f"d’{name}" if _begins_with_vowel(name) else f"de {name}"


def _begins_with_vowel(name: str) -> bool:
    bare = unicodedata.normalize("NFD", name.replace("Œ", "Oe").replace("Æ", "Ae")).casefold()
    letters = [each for each in bare if not unicodedata.combining(each)][:2]
    match letters:
        case ["y", after]:
            return after.isalpha() and after not in _VOWELS
        case [first, *_]:
            return first in _VOWELS
        case _:
            return False
