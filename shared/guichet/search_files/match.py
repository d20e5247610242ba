"""A query as FTS5 asks it. Pure. Every word stands in quotes: nothing that somebody types is syntax."""

from collections.abc import Iterable
from typing import Final

from guichet.ids import DepartmentId
from guichet.search.places import spelt_out
from guichet.search.query import Either, InPlace, InSubject, SearchQuery, Somewhere, Term, Who
from guichet.search_files.scope_words import department_word

PREFIX_FROM: Final = 3  # letters: a shorter word is a whole one, or half the town would be found


def match_expression(query: SearchQuery, scope: str, departments: Iterable[DepartmentId] | None = None) -> str:
    """Return what the words of a message must be. scope: guichet.search_files.scope_words.scope_expression.

    departments: what `service:` came to; None where it was not typed.
    """
    conditions = [f"({scope})", *(f"({_of_term(term)})" for term in query.terms)]
    if departments is not None:
        conditions.append(f"(scope : ({_any(_phrase([department_word(each)]) for each in departments)}))")
    wanted = " AND ".join(conditions)
    return f"({wanted}) NOT ({_any(f'({_of_term(term)})' for term in query.without)})" if query.without else wanted


def _of_term(term: Term | Either) -> str:
    match term:
        case Either():
            return _any(f"({_of_term(each)})" for each in term.terms)
        case InSubject():
            return f"subject : {_phrase(term.stems)}"
        case InPlace():
            return f"place : {_half_typed(term.place)}"
        case Who():
            return _any(_who(term.names, term.phone))
        case Somewhere():
            return _any([*_in_text(term), *_who(term.names, term.phone), *map(_reference, term.references)])


def _in_text(term: Somewhere) -> Iterable[str]:
    if term.stems:
        yield f"{{subject body}} : {_phrase(term.stems)}"
    if term.phone:
        yield f"{{subject body}} : {_phrase([term.phone])}"
    if term.names:
        yield f"place : {_half_typed(spelt_out(term.names))}"


def _who(names: tuple[str, ...], phone: str | None) -> Iterable[str]:
    if names:
        yield f"who : {_half_typed(names)}"
    if phone:
        yield f"who : {_phrase([phone])}"


def _reference(words: tuple[str, ...]) -> str:
    return f"reference : {_half_typed(words)}"


def _half_typed(words: tuple[str, ...]) -> str:
    return f"{_phrase(words)}{' *' if len(words[-1]) >= PREFIX_FROM else ''}"


def _phrase(words: Iterable[str]) -> str:
    inside = " ".join(words).replace('"', " ")
    return f'"{inside}"'


def _any(conditions: Iterable[str]) -> str:
    return " OR ".join(conditions)
