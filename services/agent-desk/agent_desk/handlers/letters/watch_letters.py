"""Watch for scanned letters that nobody takes down: no clock destroys one, and its legal delays run (ADR 0088)."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from guichet.ids import DepartmentId
from guichet.runtime.telemetry.alarms import Alarm, clear_alarm, raise_alarm
from guichet.store.letters import ALARMED_AFTER, Letters

LOOK_EVERY: Final = timedelta(minutes=5)


@dataclass(frozen=True)
class LetterWatch:
    """Raises an alarm for each department whose letters wait for too long. clock: aware UTC."""

    letters: Letters
    departments: Collection[DepartmentId]
    clock: Callable[[], datetime]

    async def look(self) -> None:
        """Raise or clear each. Raises TransientError."""
        overdue = await self.letters.overdue(self.departments, self.clock() - ALARMED_AFTER)
        for department in self.departments:
            (raise_alarm if department in overdue else clear_alarm)(Alarm.LETTERS_WAITING, department)
