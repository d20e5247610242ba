"""Raise the alarm where suspended mail waits unseen past the next working day: in law, it was received when it came."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, NoReturn

from guichet.clock import Sleep
from guichet.ids import DepartmentId
from guichet.law.calendar import WorkingDays
from guichet.runtime.rounds import in_rounds
from guichet.runtime.telemetry.alarms import Alarm, clear_alarm, raise_alarm
from guichet.store.unseen_mail import UnseenMails

LOOK_EVERY: Final = timedelta(minutes=5)


class UnseenMailWatch:
    """Looks again and again, as long as the worker runs. days: the town's calendar. clock: aware UTC."""

    def __init__(self, unseen: UnseenMails, days: WorkingDays, *, clock: Callable[[], datetime], sleep: Sleep) -> None:
        self._unseen = unseen
        self._days = days
        self._clock = clock
        self._sleep = sleep
        self._raised: frozenset[DepartmentId] = frozenset()

    async def run(self) -> NoReturn:
        """Go on until cancelled."""
        await in_rounds(self.look, LOOK_EVERY, self._sleep, "unseen mail is not looked for")

    async def look(self) -> None:
        """Raise the alarm for each department whose mail nobody has seen in time, and end those of the others."""
        overdue = await self._unseen.overdue(self._days.start_of_previous(self._clock()))
        for department in self._raised - overdue:
            clear_alarm(Alarm.SUSPENDED_UNSEEN, department)
        for department in overdue:
            raise_alarm(Alarm.SUSPENDED_UNSEEN, department)
        self._raised = overdue
