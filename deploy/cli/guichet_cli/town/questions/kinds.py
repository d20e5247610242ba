"""Kinds of answer: each takes what was typed, and returns it in the one form in which it is kept. Pure."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date
from ipaddress import ip_address
from typing import Any, Final

from pydantic import AnyHttpUrl, TypeAdapter, ValidationError

from guichet.town.values import Mailbox, Phone
from guichet_cli.town.questions.question import RefusedError

SEPARATOR: Final = ";"
YES: Final = "oui"
NO: Final = "non"
TO_BE_CONFIRMED: Final = "à confirmer"  # by the town's lawyer: nothing is said of it until then
_SAID: Final = {
    **dict.fromkeys(("oui", "o", "yes", "y", "true"), YES),
    **dict.fromkeys(("non", "n", "no", "false"), NO),
}
_NOTHING: Final = frozenset({"", "aucun", "aucune", "none"})
_FRENCH_DAY: Final = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_HOST: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")
_MAILBOX: Final = TypeAdapter[str](Mailbox)
_PHONE: Final = TypeAdapter[str](Phone)
_URL: Final = TypeAdapter[AnyHttpUrl](AnyHttpUrl)
_LOCAL: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})


def mailbox(text: str) -> str:
    """A mail address, in lower case."""
    return _taken(
        _MAILBOX,
        text,
        f"« {text} » n’est pas une adresse électronique ; écrivez-la comme contact@mairie.example.",
        f"{text!r} is no mail address; write it like contact@mairie.example.",
    )


def telephone(text: str) -> str:
    """A telephone number, as the town writes it."""
    return _taken(
        _PHONE,
        text,
        f"« {text} » n’est pas un numéro de téléphone ; écrivez-le comme 01 99 00 12 00.",
        f"{text!r} is no phone number; write it like 01 99 00 12 00.",
    )


def yes_or_no(text: str) -> str:
    """Yes or no, in either language."""
    if (said := _SAID.get(text.strip().lower())) is None:
        raise RefusedError("Répondez oui ou non.", "Answer yes (oui) or no (non).")
    return said


def day(text: str) -> str:
    """A day, as 2026-12-01; 1/12/2026 is understood."""
    if found := _FRENCH_DAY.fullmatch(text):
        of_month, month, year = found.groups()
        text = f"{year}-{month:0>2}-{of_month:0>2}"
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise RefusedError(
            f"« {text} » n’est pas une date ; écrivez-la comme 2026-12-01.",
            f"{text!r} is no day; write it like 2026-12-01.",
        ) from None


def public_address(text: str) -> str:
    """The address of a page, https alone; http on this machine."""
    try:
        url = _URL.validate_python(text)
    except ValidationError:
        url = None
    if url is None or (url.scheme != "https" and url.host not in _LOCAL):
        raise RefusedError(
            f"« {text} » n’est pas l’adresse d’une page ; écrivez-la comme https://guichet.mairie.example.",
            f"{text!r} is no page's address; write it like https://guichet.mairie.example.",
        )
    return text.rstrip("/")


def host(text: str) -> str:
    """A server's name or address."""
    if _HOST.fullmatch(text) or _is_ip(text):
        return text.lower()
    raise RefusedError(
        f"« {text} » n’est pas le nom d’un serveur ; écrivez-le comme imap.mairie.example.",
        f"{text!r} is no server's name; write it like imap.mairie.example.",
    )


def port(text: str) -> str:
    """A port."""
    if text.isascii() and text.isdigit() and 0 < int(text) < 65536:
        return str(int(text))
    raise RefusedError(
        f"« {text} » n’est pas un port ; écrivez un nombre de 1 à 65535.", f"{text!r} is no port; write 1 to 65535."
    )


def amount(text: str) -> str:
    """An amount of money, as 200 or 49.90; a comma is understood."""
    if re.fullmatch(r"\d{1,7}([.,]\d{1,2})?", text, re.ASCII):
        return text.replace(",", ".")
    raise RefusedError(
        f"« {text} » n’est pas un montant ; écrivez-le comme 200 ou 49,90.",
        f"{text!r} is no amount; write it like 200.",
    )


def of_form(pattern: str) -> Callable[[str], str]:
    """A text of a form that a channel's facts say; signs that people put between digits do not matter."""

    def read(text: str) -> str:
        bare = re.sub(r"[\s.()-]", "", text)
        if re.fullmatch(pattern, bare) is None:
            raise RefusedError(
                f"« {text} » n’a pas la forme attendue ; recopiez-le tel que l’opérateur l’affiche.",
                f"{text!r} is not of the form that is expected; copy it as the provider shows it.",
            )
        return bare

    return read


def optional(read: Callable[[str], str]) -> Callable[[str], str]:
    """The same, or nothing: blank, or the word for it where a blank stands for the default."""
    return lambda text: "" if plain(text) in _NOTHING else read(text)


def one_of(choices: Iterable[str]) -> Callable[[str], str]:
    """One of these words; case and accents do not matter."""
    known = {plain(each): each for each in choices}

    def read(text: str) -> str:
        if (found := known.get(plain(text))) is None:
            listed = ", ".join(known.values())
            raise RefusedError(
                f"« {text} » n’en fait pas partie ; choisissez : {listed}.", f"{text!r} is none of: {listed}."
            )
        return found

    return read


def several(read: Callable[[str], str]) -> Callable[[str], str]:
    """One or more, with semicolons between them; each once. A comma is part of a name: « Sports, culture »."""

    def read_all(text: str) -> str:
        if _is_ambiguous(text):
            raise RefusedError(
                "S’il y en a plusieurs, séparez-les par des points-virgules ; s’il n’y en a qu’un, finissez par un "
                "point-virgule.",
                "Several: put semicolons between them. One that has a comma: end it with a semicolon.",
            )
        found = dict.fromkeys(map(read, parts(text)))
        if not found:
            raise RefusedError("Nommez-en au moins un.", "Name one at least.")
        return joined(found)

    return read_all


def parts(kept: str) -> list[str]:
    """Return the parts of an answer that has several."""
    return [each.strip() for each in kept.split(SEPARATOR) if each.strip()]


def joined(values: Iterable[str]) -> str:
    """Return the answer that has these parts."""
    text = f"{SEPARATOR} ".join(values)
    return text + SEPARATOR if _is_ambiguous(text) else text


def _is_ambiguous(text: str) -> bool:
    return "," in text and SEPARATOR not in text


def plain(text: str) -> str:
    """Return words without case, accents and signs, with hyphens between them: what ids are made of."""
    bare = "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    return re.sub(r"[^a-z0-9]+", "-", bare.lower().replace("œ", "oe")).strip("-")


def _is_ip(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _taken(kind: TypeAdapter[Any], text: str, fr: str, en: str) -> str:
    try:
        return str(kind.validate_python(text))
    except ValidationError:
        raise RefusedError(fr, en) from None
