"""When what is addressed to an agent goes to them by mail. Pure."""

from datetime import date, datetime, time, timedelta
from typing import Final

from guichet.law.calendar import PARIS, WorkingDays, paris_date
from guichet.store.agents.preferences import MailWish

SETTLES: Final = timedelta(minutes=2)  # who is at the desk sees it there meanwhile, and is sent nothing
APART: Final = timedelta(minutes=15)  # two mails to one agent; what comes in between goes together
GIVES_UP: Final = timedelta(days=2)  # what a mail says is stale by then, and « Pour moi » has said it
_MORNING: Final = time(8)


def told_until(wish: MailWish, now: datetime, working_days: WorkingDays) -> datetime:
    """Return up to when news are old enough to be told: a moment ago, or the last morning of a working day."""
    if wish is MailWish.SOON:
        return now - SETTLES
    day = paris_date(now)
    if now < _morning_of(day) or not working_days.is_working(day):
        day = working_days.before(day)
    return _morning_of(day)


def _morning_of(day: date) -> datetime:
    return datetime.combine(day, _MORNING, PARIS)
