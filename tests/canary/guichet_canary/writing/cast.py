"""Invented people, one for each way into Guichet. Pure, and the same in every run, so that a finding can be repeated."""

import hashlib
from dataclasses import dataclass, fields

from guichet_canary.search.values import Canary, Kind

_CONSONANTS, _VOWELS, _ACCENTED = "bdfgjklmnprstvz", "aeiou", "éèêâîôûç"


@dataclass(frozen=True)
class Person:
    """Everything about one person is a canary. phone: E.164; chat: a Telegram id; file_text: what a file holds."""

    name: Canary
    email: Canary
    phone: Canary
    chat: Canary
    address: Canary
    subject: Canary
    text: Canary
    file_name: Canary
    file_text: Canary

    @property
    def canaries(self) -> tuple[Canary, ...]:
        """Return all of them."""
        return tuple(getattr(self, each.name) for each in fields(self))


def person(place: str, number: int) -> Person:
    """Return the person of a place ("mail", "portal"). number: theirs alone; it makes their phone and chat."""

    def canary(what: str, value: str, kind: Kind = Kind.TEXT) -> Canary:
        return Canary(f"{place}: {what}", value, kind)

    def words(what: str, count: int = 2) -> str:
        return " ".join(word(f"{place} {what} {each}") for each in range(count))

    return Person(
        name=canary("name", words("name").title()),
        email=canary("e-mail", f"{plain_word(f'{place} local')}@{plain_word(f'{place} domain')}.example", Kind.EMAIL),
        # 06 39 98 xx xx: numbers that ARCEP keeps for fiction
        phone=canary("phone", f"+3363998{5000 + number:04d}", Kind.PHONE),
        chat=canary("chat", str(7_164_298_053_000 + number), Kind.NUMBER),
        address=canary("address", f"{number} rue {words('address', 1).title()}"),
        subject=canary("subject", words("subject")),
        text=canary("text", words("text", 3)),
        file_name=canary("file name", f"{words('file name', 1)}.pdf"),
        file_text=canary("file content", words("file content")),
    )


def word(seed: str) -> str:
    """Return a word of ten letters that no language has, two of them with an accent."""
    digest = hashlib.sha256(seed.encode()).digest()
    letters = list(plain_word(seed))
    for place in (3, 7):
        letters[place] = _ACCENTED[digest[place] % len(_ACCENTED)]
    return "".join(letters)


def plain_word(seed: str) -> str:
    """Return a word of ten ASCII letters that no language has."""
    digest = hashlib.sha256(seed.encode()).digest()
    pairs = zip(digest[10:20:2], digest[11:21:2], strict=False)
    return "".join(_CONSONANTS[one % len(_CONSONANTS)] + _VOWELS[two % len(_VOWELS)] for one, two in pairs)
