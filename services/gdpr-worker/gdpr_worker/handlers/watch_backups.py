"""Say so when nobody has made a backup, and read it again, for too long."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gdpr_worker.domain.backup_age import is_too_old
from guichet.runtime.telemetry.alarms import Alarm, clear_alarm, raise_alarm
from guichet.store.verified_backups import DATA, VerifiedBackups

LOOK_EVERY: Final = timedelta(minutes=5)


@dataclass(frozen=True)
class BackupWatch:
    """clock: aware UTC. after: how old the last good backup may be; zero: nobody asks."""

    backups: VerifiedBackups
    clock: Callable[[], datetime]
    after: timedelta

    async def look(self) -> None:
        """Raise the alarm, or end it. Raises TransientError."""
        now = self.clock()
        taken_at, since = await self.backups.last_taken_at(), await self.backups.watched_since(now)
        change = raise_alarm if is_too_old(taken_at, since, now, after=self.after) else clear_alarm
        change(Alarm.BACKUP_OLD, DATA)
