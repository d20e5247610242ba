"""What the text of a letter tells of itself, for an agent to check: subject, who signs, how they are reached. Pure."""

import re
from dataclasses import dataclass, field
from typing import Final

from agent_desk.domain.typed_contacts import MAIL, PHONE
from guichet.channel.typed_address import is_typed_email
from guichet.privacy.normal_form import normalised_phone

_SUBJECT: Final = re.compile(r"^\W*ob[ijl]et\s*[:;.\-]\s*(.{3,200})$", re.IGNORECASE | re.MULTILINE)
_WORD: Final = re.compile(r"[A-ZÀ-Ý][\w’'.\-]*", re.UNICODE)
_TITLES: Final = frozenset({"monsieur", "madame", "mme", "m", "mlle", "mr"})
_LOOKED_AT: Final = 6  # lines from the top: who writes stands there, above whom they write to


@dataclass(frozen=True)
class Suggested:
    """Blank where the text does not tell."""

    name: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    subject: str = field(default="", repr=False)


def suggested_by(text: str) -> Suggested:
    """Return what a letter's text, as it was recognised, suggests."""
    subject = _SUBJECT.search(text)
    return Suggested(_name(text), _address(text), " ".join(subject[1].split()) if subject else "")


def _name(text: str) -> str:
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    return next((found for line in lines[:_LOOKED_AT] if (found := _as_name(line))), "")


def _as_name(line: str) -> str:
    """Return the name that a line is, without its title; blank for any other line."""
    words = [each for each in line.split(" ") if each.strip(".").lower() not in _TITLES]
    if not 2 <= len(words) <= 4 or not all(_WORD.fullmatch(each) for each in words):
        return ""
    return " ".join(words) if "maire" not in line.lower() else ""


def _address(text: str) -> str:
    mails = (each for each in MAIL.findall(text) if is_typed_email(each))
    numbers = (each for each in PHONE.findall(text) if normalised_phone(each))
    return next(mails, None) or next(numbers, "")
