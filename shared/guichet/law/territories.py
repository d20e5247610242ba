"""Public holidays by the part of France that a town lies in (docs/law.md 14, 59). Pure.

Written out: the library `holidays` loads every country of the world for these, 12 MiB. A test compares the two.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from typing import Final

from dateutil.easter import easter


class Territory(StrEnum):
    """Where the labour code knows other public holidays; metropolitan: wherever it knows none of its own."""

    METROPOLITAN = "metropolitan"
    ALSACE_MOSELLE = "alsace-moselle"
    GUADELOUPE = "guadeloupe"
    MARTINIQUE = "martinique"
    GUYANE = "guyane"
    LA_REUNION = "la-reunion"
    MAYOTTE = "mayotte"
    SAINT_BARTHELEMY = "saint-barthelemy"
    SAINT_MARTIN = "saint-martin"


_FIXED: Final = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))  # code du travail L3133-1
_DAYS_AFTER_EASTER: Final = (1, 39, 50)  # L3133-1: Easter Monday, Ascension Day, Whit Monday
_GOOD_FRIDAY: Final = -2
_FIXED_THERE: Final[Mapping[Territory, tuple[int, int]]] = {
    Territory.ALSACE_MOSELLE: (
        12,
        26,
    ),  # L3134-13, with Good Friday in communes that have a Protestant temple or a mixed church
    Territory.GUADELOUPE: (5, 27),  # this and what follows: L3422-2, when slavery was abolished there
    Territory.MARTINIQUE: (5, 22),
    Territory.GUYANE: (6, 10),
    Territory.LA_REUNION: (12, 20),
    Territory.MAYOTTE: (4, 27),
    Territory.SAINT_BARTHELEMY: (10, 9),
    Territory.SAINT_MARTIN: (5, 28),  # 27 May until 2017
}


@cache
def public_holidays(year: int, territory: Territory, *, good_friday: bool = True) -> frozenset[date]:
    """Return a year's public holidays in a part of France, as they have been since 2018.

    good_friday: whether it is one in this commune of Alsace-Moselle: it has a Protestant temple, or a mixed church.
    """
    fixed = [*_FIXED, _FIXED_THERE[territory]] if territory in _FIXED_THERE else _FIXED
    fridays = (_GOOD_FRIDAY,) if good_friday and territory is Territory.ALSACE_MOSELLE else ()
    sunday = easter(year)
    return frozenset(
        [
            *(date(year, month, day) for month, day in fixed),
            *(sunday + timedelta(days=n) for n in (*fridays, *_DAYS_AFTER_EASTER)),
        ]
    )
