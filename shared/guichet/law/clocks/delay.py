"""A delay of the law, in days or in months. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from guichet.law.calendar import months_later


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
