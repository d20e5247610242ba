"""When nobody is written to about what the law sets no day for: at night, on Sundays and public holidays."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Annotated, Final

from pydantic import BeforeValidator

from guichet.law.calendar import PARIS, WorkingDays, paris_date

_SPAN: Final = re.compile(r"(\d{1,2}):(\d\d) ?- ?(\d{1,2}):(\d\d)")
_SUNDAY: Final = 6
_A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class QuietHours:
    """By the clock of Paris, over midnight. begins: the first quiet moment of an evening; ends: the last of a morning,
    which is quiet no more."""

    begins: time
    ends: time

    def over_at(self, at: datetime, days: WorkingDays) -> datetime:
        """Return `at` (aware) where it is not quiet then, else the first moment at which it is no longer."""
        local = at.astimezone(PARIS)
        if self._is_loud(local, days) and self.ends <= local.time() < self.begins:
            return at
        morning = datetime.combine(paris_date(at), self.ends, PARIS)
        while morning < local or not self._is_loud(morning, days):
            morning = datetime.combine(morning.date() + _A_DAY, self.ends, PARIS)
        return morning

    def _is_loud(self, local: datetime, days: WorkingDays) -> bool:
        return local.weekday() != _SUNDAY and not days.is_holiday(local.date())


def _read(value: object) -> object:
    """Return quiet hours, written like “20:00-8:00”."""
    if isinstance(value, QuietHours):
        return value
    match = _SPAN.fullmatch(str(value))
    try:
        if match is None:
            raise ValueError
        hours = QuietHours(time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4])))
    except ValueError as exc:
        raise ValueError(f"{value!r} are no quiet hours; write them like “20:00-8:00”.") from exc
    if hours.begins <= hours.ends:
        raise ValueError(f"{value!r}: quiet hours begin in the evening and end in the morning.")
    return hours


QuietHoursText = Annotated[QuietHours, BeforeValidator(_read)]
QUIET_HOURS: Final = QuietHours(time(20), time(8))
"""As promotional messages may not be sent (docs/law.md 49); ours are none, and keep to it all the same."""
