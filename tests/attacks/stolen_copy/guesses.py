"""What somebody verifies who has a list of names, addresses and years, a pile of stolen data, the code, and no key.

They compute what an id would be if it were made of what they guess and of what lies in the pile, and look whether it is
there. The formulas of versions before are among them: their ids were citizens' names for whoever had a list.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from typing import Any, Final

from guichet.ids import derive_id
from guichet.privacy.blind_tokens import folded_words
from guichet_cli.registry.file import Row, read_citizens
from guichet_testing.builders.channels import FACTS
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from tests.attacks.stolen_copy.joins import leaves

LIST: Final = EXAMPLE_TOWN / "citizens.csv"
_ID: Final = re.compile(r"[0-9a-f]{16,}")
_HASHES: Final[Sequence[Callable[[bytes], Any]]] = (
    *(hashlib.md5, hashlib.sha1, hashlib.sha224, hashlib.sha256),
    *(hashlib.sha512, hashlib.blake2b, hashlib.blake2s),
)
_KINDS: Final = ("citizen", "registered-citizen", "renamed-citizen", "identifier", "address", "person", "name")
_ADDRESSES_OF_ONE: Final = 6  # of how many addresses of one holder every choice is tried


@dataclass(frozen=True)
class Guess:
    """A line of the attacker's list. year: as text; blank where it is not known."""

    name: str
    year: str
    addresses: tuple[str, ...]


def the_rows() -> list[Row]:
    """Return the example town's own register: the best list that an attacker could have."""
    with LIST.open(encoding="utf-8-sig", newline="") as lines:
        rows, _ = read_citizens(lines, FACTS.kinds)
    return rows


def the_list() -> list[Guess]:
    """Return it as guesses."""
    return [
        Guess(row.record.full_name, str(row.record.birth_year or ""), tuple(each.value for each in row.identifiers))
        for row in the_rows()
    ]


def ids_in(content: Any) -> set[str]:
    """Return every id in documents or records, however deep it lies."""
    return {name for _, leaf in leaves(content) for name in _ID.findall(_text(leaf))}


def verified(guesses: Iterable[Guess], ids: set[str], identifiers: Iterable[Mapping[str, Any]] = ()) -> set[str]:
    """Return which guesses an id in the pile confirms, each with the id. identifiers: the registry's documents, too."""
    lengths, groups = {len(name) for name in ids}, list(_choices(identifiers))
    found = {
        f"{guess.name}: {digest[:length]}"
        for guess in guesses
        for digest in chain(_hashes(guess), _derived(guess, groups))
        for length in lengths
        if length <= len(digest) and digest[:length] in ids
    }
    return found | {f"of {cause}: {name}" for cause in ids for name in _of_a_message(cause) if name in ids}


def _hashes(guess: Guess) -> Iterator[str]:
    words = folded_words(guess.name)
    names = (guess.name, guess.name.lower(), " ".join(words), "".join(words), " ".join(reversed(words)))
    texts = {*guess.addresses, *names, *(f"{name}{mark}{guess.year}" for name in names for mark in ("", " ", "|", ":"))}
    for text in texts:
        yield from (made(text.encode()).hexdigest() for made in _HASHES)


def _derived(guess: Guess, groups: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield what `derive_id` makes of a guess, alone and with the ids of a holder's addresses."""
    words = [*folded_words(guess.name)]
    parts = [
        [guess.name],
        words,
        [*words, guess.year],
        [" ".join(words), guess.year],
        *([each] for each in guess.addresses),
    ]
    yield from (derive_id(kind, *each) for kind in _KINDS for each in parts)
    yield from (derive_id(kind, *group, *words, guess.year) for kind in _KINDS[:2] for group in groups)


def _of_a_message(cause: str) -> Iterator[str]:
    """Yield the ids that a citizen had who was known from a message alone."""
    yield derive_id("citizen", cause)
    yield from (derive_id("citizen", cause, str(version)) for version in range(1, 4))


def _choices(identifiers: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, ...]]:
    """Yield every choice among the addresses of each holder: the pile says which are one person's."""
    held: dict[str, set[str]] = defaultdict(set)
    for document in identifiers:
        for holder in document["holders"]:
            held[holder["citizen_id"]].add(document["_id"])
    for addresses in held.values():
        some = sorted(addresses)[:_ADDRESSES_OF_ONE]
        yield from chain.from_iterable(combinations(some, size) for size in range(1, len(some) + 1))


def _text(leaf: Any) -> str:
    return leaf.hex() if isinstance(leaf, bytes) and len(leaf) <= hashlib.sha512().digest_size else str(leaf)
