"""People whom cases know already, proposed while an agent takes down who speaks. Pure.

A proposal is a person of cases that the agent sees whole, in one sector: whom two sectors know stands there twice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from guichet.contracts.case_events import CaseState
from guichet.contracts.inbound_content import MAIL_ADDRESS, PHONE_NUMBER, Identifier
from guichet.ids import CaseId, DepartmentId, Reference
from guichet.privacy.normal_form import normalised_phone
from guichet.search.phones import phones_in
from guichet.search.query import TERMS_AT_MOST, SearchQuery, Who
from guichet.search.words import words_of
from guichet.store.cases.case_filter import OPEN_STATES

MOST: Final = 8  # people proposed: what one looks over while somebody speaks
FEWEST_LETTERS: Final = 3  # of a word: by fewer half the town would be found
_READ_AT_MOST: Final = 254  # letters of what was typed


@dataclass(frozen=True)
class WhoSpeaks:
    """What was typed of a person so far. address: an e-mail address or a telephone number."""

    name: str = field(default="", repr=False)
    address: str = field(default="", repr=False)

    @property
    def phone(self) -> str | None:
        """The number, as search files keep it; None while it is none."""
        return next((each.token for each in phones_in(self.address[:_READ_AT_MOST])), None)

    @property
    def name_words(self) -> tuple[str, ...]:
        """The words of the name by which one looks."""
        return _long_enough(words_of(self.name[:_READ_AT_MOST]))

    @property
    def address_words(self) -> tuple[str, ...]:
        """The words of an e-mail address; none while it may be a number."""
        words = words_of(self.address[:_READ_AT_MOST])
        return () if all(map(str.isdigit, words)) or not _long_enough(words) else words


@dataclass(frozen=True)
class KnownCase:
    """A case of somebody who is proposed. subject: None where it does not open.

    takes_words: whether who looks may add to it what is said now.
    """

    case_id: CaseId
    reference: Reference
    department: DepartmentId
    state: CaseState
    received_at: datetime
    subject: str | None = field(default=None, repr=False)
    takes_words: bool = False


@dataclass(frozen=True)
class Person:
    """Somebody who is proposed. cases: the newest first, one at least. place: where the newest one is about."""

    cases: tuple[KnownCase, ...]
    name: str = field(default="", repr=False)
    addresses: tuple[Identifier, ...] = field(default=(), repr=False)
    place: str = field(default="", repr=False)

    @property
    def open_cases(self) -> tuple[KnownCase, ...]:
        """Those to which what they say now may belong."""
        return tuple(case for case in self.cases if case.state in OPEN_STATES)

    def reached_at(self, who: WhoSpeaks) -> str:
        """Return the address to be filled in: the one that was typed, else a number, else a mail address; or blank."""
        ways = [each.value for each in self.addresses if each.kind == PHONE_NUMBER]
        ways += [each.value for each in self.addresses if each.kind == MAIL_ADDRESS]
        typed = [each.value for each in self.addresses if _is_at(each, who)]
        return next(iter((*typed, *ways)), "")


def queries_for(who: WhoSpeaks) -> tuple[SearchQuery, ...]:
    """Return by what search files are asked: the address, then the name; nothing for too few letters."""
    found = list[SearchQuery]()
    if who.phone is not None or who.address_words:
        found.append(SearchQuery((Who(() if who.phone else who.address_words, who.phone),)))
    if who.name_words:
        found.append(SearchQuery(tuple(Who((word,)) for word in who.name_words[:TERMS_AT_MOST])))
    return tuple(found)


def proposed(people: Iterable[Person], who: WhoSpeaks) -> tuple[Person, ...]:
    """Return whom to propose: those at the address first, then those of the name.

    A case is found by whoever wrote in it, too: its person is proposed where they themselves are what was typed.
    """
    ranked = [(rank, person) for person in people if (rank := _rank(person, who)) is not None]
    return tuple(person for _, person in sorted(ranked, key=lambda each: each[0])[:MOST])


def _rank(person: Person, who: WhoSpeaks) -> int | None:
    if any(_is_at(each, who) for each in person.addresses):
        return 0
    words = words_of(person.name)
    typed = who.name_words
    return 1 if typed and all(any(word.startswith(each) for word in words) for each in typed) else None


def _is_at(address: Identifier, who: WhoSpeaks) -> bool:
    if who.phone is not None:
        number = normalised_phone(address.value) if address.kind == PHONE_NUMBER else None
        return number is not None and number.removeprefix("+") == who.phone
    typed = who.address_words
    return bool(typed) and f" {' '.join(typed)}" in f" {' '.join(words_of(address.value))}"


def _long_enough(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(word for word in words if len(word) >= FEWEST_LETTERS)
