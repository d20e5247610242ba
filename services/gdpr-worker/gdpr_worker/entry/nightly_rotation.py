"""Rotates the keys of the vault every night by itself, also where nothing was destroyed.

Nobody then need ask whether it still works; an old copy of vault and root-key file together opens no more than a day's
things that were destroyed later; and the vault's own backup is never older than a night.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final, NoReturn

import structlog

from gdpr_worker.domain.rotation_hour import is_due, is_overdue
from guichet.clock import Sleep
from guichet.errors import TransientError
from guichet.runtime.telemetry.alarms import Alarm, clear_alarm, raise_alarm
from guichet.runtime.telemetry.metrics import VAULT_TURNED
from guichet.vault.rotation.ports import Rotation, RotationReport
from guichet.vault.rotation.records import Rotations

log = structlog.get_logger()

PAUSE: Final = timedelta(minutes=1)  # also before the first look: whoever starts is busy
OVERDUE_AFTER: Final = timedelta(hours=48)


@dataclass(frozen=True)
class NightlyRotation:
    """at: the hour, in Paris. clock: aware UTC. first: destroys keys that must not outlast the night."""

    rotation: Rotation
    records: Rotations
    at: time
    clock: Callable[[], datetime]
    first: Callable[[], Awaitable[None]]
    sleep: Sleep

    async def run(self) -> NoReturn:
        """Rotate night after night, until cancelled; what fails is tried again every minute."""
        while True:
            await self.sleep(PAUSE)
            await self.one_look()

    async def one_look(self) -> None:
        """Rotate if it is time, and tell whether rotations succeed."""
        try:
            last = await self.records.last()
        except TransientError as exc:
            log.warning("the vault does not say when its keys were rotated", why=str(exc))
            return
        if is_due(last.began_at if last else None, self.clock(), self.at):
            last = await self._rotated() or last
        if last is not None:
            self._set_alarm(last)

    async def _rotated(self) -> RotationReport | None:
        try:
            await self.first()
        except TransientError as exc:  # the next night makes it good; the rotation must not wait for it
            log.warning("late copies of erased messages stay until the next night", why=str(exc))
        try:
            return await self.rotation.run()
        except TransientError as exc:
            log.warning("the keys of the vault are not rotated", why=str(exc))
            return None

    def _set_alarm(self, last: RotationReport) -> None:
        VAULT_TURNED.set(last.ended_at.timestamp())
        change = raise_alarm if is_overdue(last.ended_at, self.clock(), patience=OVERDUE_AFTER) else clear_alarm
        change(Alarm.TURN_OVERDUE, "vault")
