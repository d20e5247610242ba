"""Values of an account in mail.yaml, as a clerk writes them, and what to write where they are wrong. Pure."""

import re
from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from guichet.town.values import TownModel

_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,30}")
_FLAG: Final = re.compile(r"\\?[A-Za-z$][A-Za-z0-9$_.-]*")
_FRENCH_DAY: Final = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_CHOICES: Final = "leave, flag, { flag: \\Seen } or { move: Traités }"


class FlagIt(TownModel):
    """flag: what a mail taken in is marked with, such as \\Seen."""

    flag: str


class MoveIt(TownModel):
    """move: the folder that a mail taken in goes to."""

    move: str


def _account_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError("an account's name is lower case, digits and -, a letter first, such as contact.")
    return name


def _day(written: object) -> object:
    if written is None:
        raise ValueError("this field is missing: the first day whose mail is taken in, such as 2026-12-01.")
    if isinstance(written, date):
        return written
    if found := _FRENCH_DAY.fullmatch(str(written)):
        day, month, year = map(int, found.groups())
        raise ValueError(f"write it as {year}-{month:02}-{day:02}.")
    try:
        return date.fromisoformat(str(written))
    except ValueError:
        raise ValueError(f"{written!r} is no day; write it like 2026-12-01.") from None


def unsaid() -> Any:
    """Stand for a field that is not there, so that its own sentence says what belongs there."""
    return None


def _deed(written: object) -> object:
    if written == "move" or (isinstance(written, dict) and written.get("move", "") is None):
        raise ValueError("`move` needs a folder: afterwards: { move: Traités }; else leave or flag.")
    match written:
        case "leave" | "flag" | FlagIt() | MoveIt():
            return written
        case {"move": str(folder), **more} if folder and not more:
            return MoveIt(move=folder)
        case {"flag": str(flag), **more} if not more:
            if not _FLAG.fullmatch(flag):
                raise ValueError(f"{flag!r} is no flag; one is a single word, such as \\Seen.")
            return FlagIt(flag=flag)
        case _:
            raise ValueError(f"{written!r} is none of what can be done; write {_CHOICES}.")


AccountName = Annotated[str, AfterValidator(_account_name)]
FirstDay = Annotated[date, BeforeValidator(_day), Field(validate_default=True)]
Afterwards = Annotated[Literal["leave", "flag"] | FlagIt | MoveIt, BeforeValidator(_deed)]
