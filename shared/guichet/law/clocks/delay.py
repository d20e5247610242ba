"""A delay of the law, in days or in months. Pure."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from guichet.law.calendar import months_later

_WRITTEN: Final = re.compile(r"([1-9]\d{0,3}) (day|month)s?")


class Unit(StrEnum):
    """What a delay is counted in."""

    DAYS = "days"
    MONTHS = "months"


@dataclass(frozen=True)
class Delay:
    """So many days of the calendar, or months from day to day. Raises ValueError below one."""

    count: int
    unit: Unit = Unit.MONTHS

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ValueError("a delay is of one day or month at least")

    def after(self, day: date) -> date:
        """Return its last day; counting starts the day after `day`, Sundays and holidays included (docs/law.md 21)."""
        return day + timedelta(days=self.count) if self.unit is Unit.DAYS else months_later(day, self.count)


def read_delay(written: str) -> Delay:
    """Return the delay that is written as “2 months” or “45 days”. Raises ValueError."""
    found = _WRITTEN.fullmatch(written)
    if found is None:
        raise ValueError(f"{written!r} is no delay of the law; write it like “2 months” or “45 days”.")
    return Delay(int(found[1]), Unit.DAYS if found[2] == "day" else Unit.MONTHS)
