"""What somebody types into the search field, read. Pure: any text is some query, and none raises.

Words stand beside each other (each must be found), "some words" in their order; operators are French:
`de:` who wrote, `objet:` the subject, `lieu:` the place, `service:` the department, `est:` (or `état:`) the state; and,
which no file knows, `demarche:` the procedure, `canal:` the channel, `agent:` whose work it is, `du:` and `au:` the
days of receipt. A minus before a word leaves out the messages that have it; OU, in capitals, between two words asks for
one of them. What is said with an operator that nobody knows, or joined with none, is a fault, and the search is not
made.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from guichet.contracts.case_events import CaseState
from guichet.search.phones import phones_in
from guichet.search.places import place_words
from guichet.search.references import parts_of_reference
from guichet.search.stems import stems_of
from guichet.search.words import folded, words_of

LETTERS_AT_MOST: Final = 300  # of a query: what somebody types, or a line that they copied
TERMS_AT_MOST: Final = 12  # words, names and days together: each name is looked for among all of a town's

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

_OTHER_NAMES: Final = {"etat": "est"}
_OR: Final = ("OU", "OR")  # in capitals alone: as a word "ou" stands everywhere
_MINUS: Final = re.compile(r"(?<!\S)[-\u2212](?=[\w\"“”«])")

_OPERATOR: Final = re.compile(r"([^\W\d_]{2,20})\s?:\s?(?!//)(?=\S)")
_OTHER_OPERATOR: Final = re.compile(r"([^\W\d_]{2,20}):(?!//)(?=\S)")
_QUOTED: Final = re.compile(r"[\"“”«]\s*([^\"“”»]*)[\"“”»]?")
_CHUNK: Final = re.compile(r"\S+")


class FaultKind(StrEnum):
    """Why a search is not made as it was typed."""

    UNKNOWN_OPERATOR = "unknown-operator"
    UNKNOWN_STATE = "unknown-state"
    NOT_LEFT_OUT = "not-left-out"
    NOT_BETWEEN_WORDS = "not-between-words"
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
class Either:
    """What OU joins: one of these is there."""

    terms: tuple[Term, ...]


@dataclass(frozen=True)
class SearchQuery:
    """What is looked for. without: what the message has not. states: None means any.

    named: operators of NAMED and names as they were typed, any of an operator; days: of DAYS, as they were typed.
    unread: of these, what who asks has not read: which no file knows.
    """

    terms: tuple[Term | Either, ...] = ()
    without: tuple[Term, ...] = ()
    named: tuple[tuple[str, str], ...] = ()
    days: tuple[tuple[str, str], ...] = ()
    states: frozenset[CaseState] | None = None
    unread: bool = False
    faults: tuple[QueryFault, ...] = ()

    @property
    def is_blank(self) -> bool:
        """True when there is nothing to look for: no word, or only such as stand everywhere."""
        return not (self.terms or self.without or self.named or self.days or self.states or self.unread)

    @property
    def each_term(self) -> tuple[Term, ...]:
        """All that may be what was found."""
        return tuple(term for each in self.terms for term in _joined_in(each))


@dataclass(frozen=True)
class _Part:
    """A value of a query with its operator (blank: none), both as they were typed. is_out: a minus stands before it."""

    operator: str
    value: str
    phone: str | None = None
    is_out: bool = False
    is_quoted: bool = False

    @property
    def is_or(self) -> bool:
        return not (self.operator or self.is_out or self.is_quoted) and self.value in _OR


def read_query(text: str) -> SearchQuery:
    """Return what a text looks for."""
    faults = (QueryFault(FaultKind.TOO_LONG),) if len(text) > LETTERS_AT_MOST else ()
    query, joins, was_word = SearchQuery(faults=faults), False, None
    for part in _parts(text[:LETTERS_AT_MOST]):
        if part.is_or:
            joins = was_word is not None  # at the beginning it is a word
            continue
        longer = _with(query, part)
        if longer is query:
            continue  # nothing, or what stands everywhere
        is_word = len(longer.terms) > len(query.terms)
        if joins:
            longer = _joined(longer) if is_word and was_word else _faulty(longer, FaultKind.NOT_BETWEEN_WORDS)
        query, joins, was_word = longer, False, is_word
    if sum(map(len, (query.each_term, query.without, query.named, query.days))) > TERMS_AT_MOST:
        query = _faulty(replace(query, terms=query.terms[:TERMS_AT_MOST], named=(), days=()), FaultKind.TOO_MANY_WORDS)
    return query


def _joined(query: SearchQuery) -> SearchQuery:
    """Return a query of whose last two terms one is enough."""
    *others, one, other = query.terms
    return replace(query, terms=(*others, Either((*_joined_in(one), *_joined_in(other)))))


def _joined_in(term: Term | Either) -> tuple[Term, ...]:
    return term.terms if isinstance(term, Either) else (term,)


def _parts(text: str) -> Iterator[_Part]:
    """Cut a text into values with their operators. A value is in quotes, a phone number, or a word."""
    phones = {phone.start: phone for phone in phones_in(text)}
    at = 0
    while (start := _next_letter(text, at)) < len(text):
        minus = _MINUS.match(text, start)
        operator, start = _operator_at(text, start if minus is None else minus.end())
        phone = phones.get(start)
        quoted = _QUOTED.match(text, start)
        if phone is not None:
            value, at = text[phone.start : phone.end], phone.end
        elif quoted is not None:
            value, at = quoted[1], quoted.end()
        else:
            value = _chunk(text, start)
            at = start + len(value)
        yield _Part(operator, value, phone.token if phone else None, minus is not None, quoted is not None)


def _next_letter(text: str, at: int) -> int:
    found = _CHUNK.search(text, at)
    return found.start() if found else len(text)


def _chunk(text: str, start: int) -> str:
    found = _CHUNK.match(text, start)
    return found[0] if found else ""


def _operator_at(text: str, start: int) -> tuple[str, int]:
    """Return the operator that a text has there, and where its value begins. One of ours may have blanks around it."""
    found = _OPERATOR.match(text, start)
    if found is None or _known_as(found[1]) not in OPERATORS:
        found = _OTHER_OPERATOR.match(text, start)
    return (found[1], found.end()) if found else ("", start)


def _known_as(operator: str) -> str:
    plain = folded(operator)
    return _OTHER_NAMES.get(plain, plain)


def _with(query: SearchQuery, part: _Part) -> SearchQuery:
    operator = _known_as(part.operator)
    if (term := _term_of(operator, part)) is not None:
        return _looking_for(query, term, part.is_out)
    if part.is_out and operator in OPERATORS:
        return _faulty(query, FaultKind.NOT_LEFT_OUT, part.operator)
    if operator in NAMED:
        name = " ".join(words_of(part.value))
        return replace(query, named=(*query.named, (operator, name))) if name else query
    if operator in DAYS:
        return replace(query, days=(*query.days, (operator, part.value)))
    return (
        _in_state(query, part.value) if operator == "est" else _faulty(query, FaultKind.UNKNOWN_OPERATOR, part.operator)
    )


def _term_of(operator: str, part: _Part) -> Term | None:
    match operator:
        case "":
            return _somewhere(part.value, part.phone)
        case "de":
            return Who(words_of(part.value), part.phone)
        case "objet":
            return InSubject(stems_of(part.value))
        case "lieu":
            return InPlace(place_words(part.value))
        case _:
            return None


def _somewhere(value: str, phone: str | None) -> Somewhere:
    """Make a term. What only stands everywhere ("de", "la") makes none."""
    stems = stems_of(value)
    return Somewhere(stems, words_of(value) if stems else (), phone, parts_of_reference(value))


def _looking_for(query: SearchQuery, term: Term, is_out: bool) -> SearchQuery:
    if term == type(term)(()):
        return query
    if is_out:
        return replace(query, without=(*query.without, term))
    return replace(query, terms=(*query.terms, term))


def _in_state(query: SearchQuery, value: str) -> SearchQuery:
    if (said := "".join(words_of(value))) in _UNREAD:
        return replace(query, unread=True)
    states = _STATES.get(said)
    if states is None:
        return _faulty(query, FaultKind.UNKNOWN_STATE, value)
    return replace(query, states=states | (query.states or frozenset()))


def _faulty(query: SearchQuery, kind: FaultKind, said: str = "") -> SearchQuery:
    return replace(query, faults=(*query.faults, QueryFault(kind, said)))
