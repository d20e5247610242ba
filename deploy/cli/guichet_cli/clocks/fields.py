"""Fields of one line of a history, read one by one: what is wrong is a sentence that says what to do."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, TypeVar, cast

from guichet.contracts.channels import Words
from guichet.law.calendar import start_of_day
from guichet.law.clocks.delay import Delay, read_delay
from guichet.law.clocks.rules import source_of
from guichet_cli.console.language import words
from guichet_cli.console.terminal_text import on_one_line

T = TypeVar("T")
S = TypeVar("S", bound=StrEnum)

_REQUIRED: Final = object()
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_YEARS: Final = range(1990, 2200)


class UnreadableError(Exception):
    """What is wrong with a line, in both languages."""

    def __init__(self, said: Words) -> None:
        super().__init__(said.en)
        self.said = said


def wrong(fr: str, en: str) -> UnreadableError:
    """Return the error that says so."""
    return UnreadableError(words(on_one_line(fr), on_one_line(en)))


class Fields:
    """An object's fields. Each is taken once; `end` refuses what nobody took: a name mistyped is not left unseen."""

    def __init__(self, given: object, inside: str = "") -> None:
        """inside: the name of the field that the object is in. Raises UnreadableError where it is none."""
        if not isinstance(given, dict):
            at = f"{inside} : " if inside else ""
            raise wrong(
                f'{at}un objet JSON est attendu ; écrivez {{"…": …}}.',
                f'{at.replace(" :", ":")}a JSON object is expected; write {{"…": …}}.',
            )
        self._left = dict(cast(Mapping[str, Any], given))
        self._inside = f"{inside}." if inside else ""

    def has(self, name: str) -> bool:
        """Say whether the line gives it."""
        return name in self._left

    def take(self, name: str, read: Callable[[object], T], default: object = _REQUIRED) -> T:
        """Return a field as `read` reads it, or the default. Raises UnreadableError, which names the field."""
        if name not in self._left:
            if default is _REQUIRED:
                at = self._inside + name
                raise wrong(f"il manque « {at} » ; ajoutez ce champ.", f"“{at}” is missing; add this field.")
            return cast(T, default)
        try:
            return read(self._left.pop(name))
        except UnreadableError as exc:
            at = self._inside + name
            raise wrong(f"« {at} » : {exc.said.fr}", f"“{at}”: {exc.said.en}") from exc

    def each(self, name: str, read: Callable[["Fields"], T]) -> dict[str, T]:
        """Return the objects in an object, by name; none where the field is not there. Raises UnreadableError."""
        if name not in self._left:
            return {}
        inside = Fields(self._left.pop(name), self._inside + name)
        found = dict[str, T]()
        for key, value in inside._left.items():
            called = inside._named(key)
            if called in found:
                raise wrong(
                    f"« {inside._inside}{called} » y est deux fois ; gardez un seul nom.",
                    f"“{inside._inside}{called}” is in it twice; keep one name.",
                )
            found[called] = read(Fields(value, f"{inside._inside}{called}"))
        return found

    def _named(self, key: str) -> str:
        try:
            return text(key)
        except UnreadableError as exc:
            at = self._inside.removesuffix(".")
            raise wrong(f"« {at} » : un nom est vide ; écrivez-le.", f"“{at}”: a name is empty; write it.") from exc

    def inside(self, name: str, read: Callable[["Fields"], T]) -> T | None:
        """Return the object in a field; None where the field is not there."""
        return read(Fields(self._left.pop(name), self._inside + name)) if name in self._left else None

    def end(self) -> None:
        """Raise UnreadableError for a field that nobody took."""
        if self._left:
            names = ", ".join(self._inside + name for name in sorted(self._left))
            raise wrong(
                f"champ inconnu ici : {names} ; retirez-le, ou corrigez son nom (docs/clocks.md).",
                f"unknown here: {names}; take it away, or mend its name (docs/clocks.md).",
            )


def text(given: object) -> str:
    """Read some words."""
    if not isinstance(given, str) or not given.strip():
        raise wrong("un texte est attendu, entre guillemets.", "a text is expected, in quotation marks.")
    return on_one_line(unicodedata.normalize("NFC", given.strip()))


def flag(given: object) -> bool:
    """Read true or false."""
    if not isinstance(given, bool):
        raise wrong(
            "true ou false est attendu, sans guillemets.", "true or false is expected, without quotation marks."
        )
    return given


def number(given: object) -> int:
    """Read a number of working days."""
    if not isinstance(given, int) or isinstance(given, bool) or not 1 <= given <= 1000:
        raise wrong("un nombre de jours ouvrés est attendu, de 1 à 1000.", "working days are expected, from 1 to 1000.")
    return given


def one_of(kind: type[S]) -> Callable[[object], S]:
    """Return what reads one of a few words."""

    def read(given: object) -> S:
        try:
            return kind(str(given))
        except ValueError:
            names = ", ".join(kind)
            raise wrong(f"inconnu ; écrivez l’un de : {names}.", f"unknown; write one of: {names}.") from None

    return read


def day(given: object) -> date:
    """Read a day of the calendar."""
    written = given if isinstance(given, str) else ""
    try:
        found = date.fromisoformat(written) if _DAY.fullmatch(written) else None
    except ValueError:
        found = None
    if found is None or found.year not in _YEARS:
        raise wrong(
            "un jour qui existe est attendu, de 1990 à 2199, comme « 2026-04-30 ».",
            "a day that exists is expected, from 1990 to 2199, such as “2026-04-30”.",
        )
    return found


def moment(given: object) -> datetime:
    """Read a day, which is its beginning in Paris, or a moment with its zone."""
    if not isinstance(given, str) or "T" not in given:
        return start_of_day(day(given))
    try:
        found = datetime.fromisoformat(given)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or found.year not in _YEARS:
        raise wrong(
            "un jour est attendu, ou un instant avec son fuseau, comme « 2026-04-30T23:30:00Z ».",
            "a day is expected, or a moment with its zone, such as “2026-04-30T23:30:00Z”.",
        )
    return found


def delay(given: object) -> Delay:
    """Read « 2 months » or « 15 days »."""
    try:
        return read_delay(given if isinstance(given, str) else "")
    except ValueError:
        raise wrong(
            "un délai est attendu, en mois ou en jours : « 2 months », « 15 days ».",
            "a delay is expected, in months or days: “2 months”, “15 days”.",
        ) from None


def source(given: object) -> str | None:
    """Read the text that says so; None where it is to be confirmed."""
    return source_of(text(given))
