"""Variables of saved answers: {{référence}} and its like, in French, with or without accents and capitals. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from guichet.town.folded import folded

_VARIABLE: Final = re.compile(r"\{\{\s*([^{}\n]{1,40}?)\s*\}\}")


@dataclass(frozen=True)
class CaseFacts:
    """What the variables stand for in one case; blank: not known, or not to be said."""

    reference: str
    service: str
    phone: str
    agent: str
    date: str
    subject: str = field(default="", repr=False)
    given_name: str = field(default="", repr=False)
    family_name: str = field(default="", repr=False)
    citizen: str = field(default="", repr=False)


VARIABLES: Final[Mapping[str, Callable[[CaseFacts], str]]] = {
    "référence": lambda facts: facts.reference,
    "usager": lambda facts: facts.citizen,
    "prénom": lambda facts: facts.given_name,
    "nom": lambda facts: facts.family_name,
    "objet": lambda facts: facts.subject,
    "service": lambda facts: facts.service,
    "téléphone": lambda facts: facts.phone,
    "agent": lambda facts: facts.agent,
    "date": lambda facts: facts.date,
}
"""By name, as a page lists them."""


def filled(text: str, facts: CaseFacts) -> str:
    """Return a text with what its variables stand for; one that nobody knows, or that stands for nothing, stays."""
    return _VARIABLE.sub(lambda found: _value(found[1], facts) or found[0], text)


def unfilled(text: str) -> tuple[str, ...]:
    """Return the variables that stand in a text, as they are written, each once."""
    return tuple(dict.fromkeys(found[0] for found in _VARIABLE.finditer(text)))


def inserted(text: str, answer: str, caret: int | None) -> str:
    """Return a text with a saved answer in it: where the caret stood, else at its end, on a line of its own."""
    if caret is not None and 0 <= caret <= len(text):
        return text[:caret] + answer + text[caret:]
    return f"{text.rstrip()}\n\n{answer}" if text.strip() else answer


def unknown(text: str) -> tuple[str, ...]:
    """Return the variables of a text that stand for nothing in any case, as they are written."""
    return tuple(each for each in unfilled(text) if folded(each.strip("{} ")) not in _BY_PLAIN_NAME)


def _value(name: str, facts: CaseFacts) -> str:
    value = _BY_PLAIN_NAME.get(folded(name))
    return value(facts) if value is not None else ""


_BY_PLAIN_NAME: Final = {folded(name): value for name, value in VARIABLES.items()}
