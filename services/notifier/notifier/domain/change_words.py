"""What a citizen is written about a change of their case: French, then of a mail English. Pure.

A short message has neither the spaces nor the letters that would make an SMS cost twice as much.
"""

from datetime import datetime
from typing import Final, NamedTuple

from guichet.contracts.workflow import StepNotice
from guichet.french.basic_letters import in_basic_letters
from guichet.french.no_break_spaces import with_no_break_spaces
from guichet.store.deliveries.document import Change, ChangeKind
from guichet.town import Town
from guichet.town.long_dates import long_date


class _Words(NamedTuple):
    """In both languages. {department}: whose the case is. short: of a chat or a text."""

    french: str
    english: str
    short: str


_WORDS: Final = {
    ChangeKind.CLOSED: _Words(
        "Votre demande est close : le service « {department} » a terminé.",
        "Your request is closed: the department has finished with it.",
        "Votre demande est close : le service a terminé.",
    ),
    ChangeKind.REOPENED: _Words(
        "Votre demande est rouverte : le service « {department} » la reprend. Vous n’avez rien à faire.",
        "Your request is open again: the department goes on with it. There is nothing for you to do.",
        "Votre demande est rouverte : le service la reprend. Vous n’avez rien à faire.",
    ),
    ChangeKind.REROUTED: _Words(
        "Votre demande est maintenant suivie par le service « {department} ». Vous n’avez rien à faire, et aucun délai"
        " ne recommence.",
        "Your request is now with another department, named below. There is nothing for you to do, and no delay begins"
        " anew.",
        "Votre demande est maintenant suivie par le service ci-dessous. Aucun délai ne recommence.",
    ),
}
_CLOSED_BY_ANSWER: Final = _Words(
    "Avec cette réponse, votre demande est close.",
    "With this answer your request is closed.",
    "Avec cette réponse, votre demande est close.",
)
_COME_BACK: Final = _Words(
    "Il reste quelque chose à régler ? Répondez à ce message avant le {day} : elle sera rouverte.",
    "Does something remain to be settled? Answer this message before {day}: it will be open again.",
    "Il reste quelque chose à régler ? Écrivez-nous de nouveau.",
)


def change_words(change: Change, at: datetime, town: Town, *, is_mail: bool) -> str:
    """Return the text of a message of its own. at: when the case changed, aware."""
    words = _WORDS[change.kind]
    parts = [words, _COME_BACK] if change.kind is ChangeKind.CLOSED else [words]
    name = town.department_or_fallback(change.department).name
    return _greeting(is_mail=is_mail) + _text(parts, at, town, is_mail=is_mail, department=name)


def closing_words(at: datetime, town: Town, *, is_mail: bool) -> str:
    """Return what an answer says at its end, behind which the case is closed. at: when it was given, aware."""
    return _text([_CLOSED_BY_ANSWER, _COME_BACK], at, town, is_mail=is_mail)


def step_words(notice: StepNotice, *, is_mail: bool) -> str:
    """Return the text of a message that a step of the case's workflow has begun: the town's own words."""
    greeting = _greeting(is_mail=is_mail)
    if not is_mail:
        return greeting + in_basic_letters(notice.fr)
    return f"{greeting}{with_no_break_spaces(notice.fr)}\n\nIn English:\n\n{notice.en}"


def _greeting(*, is_mail: bool) -> str:
    return "Bonjour,\n\n" if is_mail else "Bonjour, "


def _text(parts: list[_Words], at: datetime, town: Town, *, is_mail: bool, department: str = "") -> str:
    if not is_mail:
        return in_basic_letters(" ".join(each.short for each in parts))
    until = at + town.reopen_within
    french = " ".join(each.french for each in parts).format(department=department, day=long_date(until, "fr"))
    english = " ".join(each.english for each in parts).format(day=long_date(until, "en"))
    return f"{with_no_break_spaces(french)}\n\nIn English:\n\n{english}"
