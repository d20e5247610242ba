"""Kinds of value that town files hold, written the way a clerk writes them."""

import re
from datetime import timedelta
from typing import Annotated

import phonenumbers
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

_UNITS = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
}
_DURATION = re.compile(r"(\d{1,4}) (second|minute|hour|day)s?")
_MAILBOX = re.compile(r"[a-z0-9][a-z0-9._-]*@[a-z0-9-]+(\.[a-z0-9-]+)+")
_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")


class TownModel(BaseModel):
    """Base of everything in a town's files: frozen, and a field that we do not know is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, str_min_length=1)


def _read_duration(value: object) -> object:
    if isinstance(value, timedelta):
        return value
    match = _DURATION.fullmatch(str(value))
    if match is None:
        raise ValueError(f"{value!r} is not a duration; write it like “24 hours” or “3 days”.")
    return int(match[1]) * _UNITS[match[2]]


def _check_mailbox(value: str) -> str:
    address = value.lower()
    if not _MAILBOX.fullmatch(address):
        raise ValueError(f"{value!r} is not a mail address.")
    return address


def _check_phone(value: str) -> str:
    try:
        number = phonenumbers.parse(value, "FR")
    except phonenumbers.NumberParseException as exc:
        raise ValueError(f"{value!r} is not a phone number.") from exc
    if not phonenumbers.is_possible_number(number):
        raise ValueError(f"{value!r} is not a phone number.")
    return value


def is_name(value: object) -> bool:
    """Say whether it may be the id of something: lower-case letters, digits and hyphens, a letter first."""
    return isinstance(value, str) and _NAME.fullmatch(value) is not None


def _check_name(value: object) -> object:
    if not is_name(value):
        raise ValueError(f"{value!r} is no id; use lower-case letters, digits and hyphens, a letter first.")
    return value


Duration = Annotated[timedelta, BeforeValidator(_read_duration)]
Mailbox = Annotated[str, AfterValidator(_check_mailbox)]  # kept in lower case
Phone = Annotated[str, AfterValidator(_check_phone)]  # kept as the town writes it: citizens read it
IdText = BeforeValidator(_check_name)
