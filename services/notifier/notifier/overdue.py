"""Watch over legal receipts: one that is not sent by the end of the next working day raises an alarm."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog

from guichet.clock import Sleep, SystemClock
from guichet.errors import TransientError
from guichet.ids import CaseId
from guichet.runtime.alarms import Alarm, clear_alarm, raise_alarm
from guichet.runtime.metrics import RECEIPTS_OVERDUE
from guichet.store.deliveries import Deliveries

log = structlog.get_logger()

LOOK_EVERY: Final = timedelta(seconds=60)


@dataclass
class OverdueWatch:
    """Knows for which cases the alarm stands."""

    deliveries: Deliveries
    clock: Callable[[], datetime]
    sleep: Sleep = SystemClock().sleep
    alarmed: set[CaseId] = field(default_factory=set)

    async def look(self) -> None:
        """Raise an alarm for each case whose receipt is overdue, clear it for the others. Raises TransientError."""
        late = {each.case_id for each in await self.deliveries.overdue(self.clock())}
        RECEIPTS_OVERDUE.set(len(late))
        for case in late - self.alarmed:
            log.error("a receipt is overdue", case_id=case)
            raise_alarm(Alarm.RECEIPT_OVERDUE, case)
        for case in self.alarmed - late:
            clear_alarm(Alarm.RECEIPT_OVERDUE, case)
        self.alarmed = late

    async def look_on(self) -> None:
        """Look until cancelled."""
        while True:
            try:
                await self.look()
            except TransientError as exc:
                log.warning("looked for overdue receipts later", error=str(exc))
            await self.sleep(LOOK_EVERY)
