"""The words by which mail systems and responders are known, read once from `machine_words.yaml`. Pure."""

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Final

from guichet.town.yaml_file import read_yaml

_SPACES: Final = re.compile(r"\s+")
_BEFORE_A_COLON: Final = re.compile(r" (?=[:;!?])")  # as French has it
_AS_TYPED: Final = str.maketrans({"’": "'", "‘": "'", "：": ":", "–": "-", "—": "-"})


def plain_words(text: str) -> str:
    """Return a text in small letters without accents, with one kind of apostrophe and space, none before a colon."""
    if not text.isascii():
        bare = unicodedata.normalize("NFD", text.translate(_AS_TYPED))
        text = "".join(each for each in bare if not unicodedata.combining(each))
    return _BEFORE_A_COLON.sub("", _SPACES.sub(" ", text).strip().lower())


@cache
def words(kind: str) -> tuple[str, ...]:
    """Return all the words of a kind, whoever writes them."""
    by_writer = read_yaml(Path(__file__).with_suffix(".yaml")).content[kind]
    return tuple(str(each) for of_one in by_writer.values() for each in of_one)


def subjects(kind: str) -> tuple[str, ...]:
    """Return the beginnings of subjects of a kind, as plain words."""
    return tuple(map(plain_words, words(kind)))
