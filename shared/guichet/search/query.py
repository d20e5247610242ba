"""What somebody types into the search field, read. Pure: any text is some query, and none raises.

Words stand beside each other (each must be found), "some words" in their order; operators are French:
`de:` who wrote, `objet:` the subject, `lieu:` the place, `service:` the department, `est:` the state; and, which no
file knows, `demarche:` the procedure, `canal:` the channel, `agent:` whose work it is, `du:` and `au:` the days of
receipt. What is said with an operator that nobody knows is no word to look for: it is a fault, and the search is not
made.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from guichet.contracts.case_events import CaseState
from guichet.search.phones import Phone, phones_in
from guichet.search.places import place_words
from guichet.search.references import parts_of_reference
from guichet.search.stems import stems_of
from guichet.search.words import folded, words_of

LETTERS_AT_MOST: Final = 300  # of a query: what somebody types, or a line that they copied
TERMS_AT_MOST: Final = 12

_OPEN: Final = frozenset({CaseState.RECEIVED, CaseState.IN_PROGRESS, CaseState.WAITING_FOR_CITIZEN})
_STATES: Final = {
    **dict.fromkeys(("recue", "recu"), frozenset({CaseState.RECEIVED})),
    "encours": frozenset({CaseState.IN_PROGRESS}),
    **dict.fromkeys(("enattente", "attente"), frozenset({CaseState.WAITING_FOR_CITIZEN})),
    **dict.fromkeys(("close", "clos", "fermee", "ferme"), frozenset({CaseState.CLOSED})),
    **dict.fromkeys(("ouverte", "ouvert"), _OPEN),
}
_UNREAD: Final = frozenset({"nonlu", "nonlue", "nonlus", "nonlues"})
STATES: Final = ("reçue", "en cours", "en attente", "close", "ouverte")
"""What may stand behind `est:`, as it is shown to who typed another one."""

NAMED: Final = ("service", "demarche", "canal", "agent")
DAYS: Final = ("du", "au")
OPERATORS: Final = ("de", "objet", "lieu", "est", *NAMED, *DAYS)

_OPERATOR: Final = re.compile(r"([^\W\d_]{2,20})\s?:\s?(?!//)(?=\S)")
_OTHER_OPERATOR: Final = re.compile(r"([^\W\d_]{2,20}):(?!//)(?=\S)")
_QUOTED: Final = re.compile(r"[\"“”«]\s*([^\"“”»]*)[\"“”»]?")
_CHUNK: Final = re.compile(r"\S+")


class FaultKind(StrEnum):
    """Why a search is not made as it was typed."""

    UNKNOWN_OPERATOR = "unknown-operator"
    UNKNOWN_STATE = "unknown-state"
    TOO_LONG = "too-long"
    TOO_MANY_WORDS = "too-many-words"


@dataclass(frozen=True)
class QueryFault:
    """said: the word that was not understood, as it was typed; blank where it is the whole."""

    kind: FaultKind
    said: str = ""


@dataclass(frozen=True)
class Somewhere:
    """Words beside each other: stems in a subject or text, or names of which the last may be half typed.

    phone: or this number, in E.164 without the plus. references: or one of these parts of a reference.
    """

    stems: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    phone: str | None = None
    references: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class InSubject:
    """Stems beside each other in a subject."""

    stems: tuple[str, ...]


@dataclass(frozen=True)
class Who:
    """A name, an address or a part of one, of which the last word may be half typed; or a telephone number."""

    names: tuple[str, ...]
    phone: str | None = None


@dataclass(frozen=True)
class InPlace:
    """Words beside each other of where a message is about (guichet.search.places), the last perhaps half typed."""

    place: tuple[str, ...]


Term = Somewhere | InSubject | InPlace | Who


@dataclass(frozen=True)
class SearchQuery:
    """What is looked for. states: None means any.

    named: operators of NAMED and names as they were typed, any of an operator; days: of DAYS, as they were typed.
    unread: of these, what who asks has not read: which no file knows.
    """

    terms: tuple[Term, ...] = ()
    named: tuple[tuple[str, str], ...] = ()
    days: tuple[tuple[str, str], ...] = ()
    states: frozenset[CaseState] | None = None
    unread: bool = False
    faults: tuple[QueryFault, ...] = ()

    @property
    def is_blank(self) -> bool:
        """True when there is nothing to look for: no word, or only such as stand everywhere."""
        return not (self.terms or self.named or self.days or self.states or self.unread)


def read_query(text: str) -> SearchQuery:
    """Return what a text looks for."""
    faults = (QueryFault(FaultKind.TOO_LONG),) if len(text) > LETTERS_AT_MOST else ()
    query = SearchQuery(faults=faults)
    for operator, value, phone in _parts(text[:LETTERS_AT_MOST]):
        query = _with(query, operator, value, phone)
    if len(query.terms) > TERMS_AT_MOST:
        query = replace(query, terms=query.terms[:TERMS_AT_MOST])
        query = _faulty(query, FaultKind.TOO_MANY_WORDS)
    return query


def _parts(text: str) -> Iterator[tuple[str, str, Phone | None]]:
    """Cut a text into values with their operators (blank: none). A value is in quotes, a phone number, or a word."""
    phones = {phone.start: phone for phone in phones_in(text)}
    at = 0
    while (start := _next_letter(text, at)) < len(text):
        operator, start = _operator_at(text, start)
        phone = phones.get(start)
        quoted = _QUOTED.match(text, start)
        if phone is not None:
            value, at = text[phone.start : phone.end], phone.end
        elif quoted is not None:
            value, at = quoted[1], quoted.end()
        else:
            value = _chunk(text, start)
            at = start + len(value)
        yield operator, value, phone


def _next_letter(text: str, at: int) -> int:
    found = _CHUNK.search(text, at)
    return found.start() if found else len(text)


def _chunk(text: str, start: int) -> str:
    found = _CHUNK.match(text, start)
    return found[0] if found else ""


def _operator_at(text: str, start: int) -> tuple[str, int]:
    """Return the operator that a text has there, and where its value begins. One of ours may have blanks around it."""
    found = _OPERATOR.match(text, start)
    if found is None or folded(found[1]) not in OPERATORS:
        found = _OTHER_OPERATOR.match(text, start)
    return (found[1], found.end()) if found else ("", start)


def _with(query: SearchQuery, operator: str, value: str, phone: Phone | None) -> SearchQuery:
    token = phone.token if phone else None
    match folded(operator):
        case "":
            return _looking_for(query, _somewhere(value, token))
        case "de":
            return _looking_for(query, Who(words_of(value), token))
        case "objet":
            return _looking_for(query, InSubject(stems_of(value)))
        case "lieu":
            return _looking_for(query, InPlace(place_words(value)))
        case which if which in NAMED:
            name = " ".join(words_of(value))
            return replace(query, named=(*query.named, (which, name))) if name else query
        case which if which in DAYS:
            return replace(query, days=(*query.days, (which, value)))
        case "est":
            return _in_state(query, value)
        case _:
            return _faulty(query, FaultKind.UNKNOWN_OPERATOR, operator)


def _somewhere(value: str, phone: str | None) -> Somewhere:
    """Make a term. What only stands everywhere ("de", "la") makes none."""
    stems = stems_of(value)
    return Somewhere(stems, words_of(value) if stems else (), phone, parts_of_reference(value))


def _looking_for(query: SearchQuery, term: Term) -> SearchQuery:
    return replace(query, terms=(*query.terms, term)) if term != type(term)(()) else query


def _in_state(query: SearchQuery, value: str) -> SearchQuery:
    if (said := "".join(words_of(value))) in _UNREAD:
        return replace(query, unread=True)
    states = _STATES.get(said)
    if states is None:
        return _faulty(query, FaultKind.UNKNOWN_STATE, value)
    return replace(query, states=states | (query.states or frozenset()))


def _faulty(query: SearchQuery, kind: FaultKind, said: str = "") -> SearchQuery:
    return replace(query, faults=(*query.faults, QueryFault(kind, said)))
