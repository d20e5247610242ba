"""What the law asks for, reckoned a second time: by hand, from docs/law.md, with no line of guichet.law. Pure."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from tests.year.generator.paris import public_holidays

AEE_WORKING_DAYS: Final = 1  # docs/law.md 8
ARE_WORKING_DAYS: Final = 10
SATURDAY: Final = 5


@dataclass(frozen=True)
class Silence:
    """What silence on a procedure means, after how many months or days."""

    means: Literal["accepts", "rejects"]
    months: int = 0
    days: int = 0

    def decides_on(self, received: date) -> date:
        """Return its last day (docs/law.md 19, 20): it has decided once that is over, whatever day it is."""
        return months_after(received, self.months) + timedelta(days=self.days)


SAYS_NOTHING: Final = None
SILENCE: Final[dict[str, Silence | None]] = {
    "aide-sociale": Silence("rejects", months=2),
    "subvention": Silence("rejects", months=2),
    "terrasse": Silence("rejects", months=2),
    "reclamation": Silence("rejects", months=2),
    "recours-gracieux": Silence("rejects", months=2),
    "documents-administratifs": Silence("rejects", months=1),
    "attestation-accueil": Silence("rejects", months=1),
    "guirlande": Silence("accepts", days=15),
    "signalement-voirie": SAYS_NOTHING,
    "signalement-proprete": SAYS_NOTHING,
    "signalement-espaces-verts": SAYS_NOTHING,
    "tranquillite": SAYS_NOTHING,
}
"""Of those procedures of the town whose source somebody confirmed. Of others nobody is told anything: R4 (docs/law.md 20)."""


def is_working(day: date) -> bool:
    """Say whether it is Monday to Friday and no public holiday."""
    return day.weekday() < SATURDAY and day not in public_holidays(day.year)


def working_day_after(day: date, count: int) -> date:
    """Return the so manieth working day after a day."""
    left = count
    while left:
        day += timedelta(days=1)
        left -= is_working(day)
    return day


def months_after(day: date, months: int) -> date:
    """Return the same day of a later month, or its last one where it has none such."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
