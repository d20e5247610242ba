"""Works off the ledger, round after round: each open erasure as far as it goes, then one rotation for all."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NoReturn

import structlog

from gdpr_worker.domain.erasure import Held, oldest_age, stuck_causes, waits_for_another
from gdpr_worker.handlers.erase_person import ErasureSteps, rotated
from guichet.clock import Sleep, wait_at_most
from guichet.errors import SettingsError, TransientError
from guichet.ids import EventId
from guichet.runtime.telemetry.alarms import Alarm, clear_alarm, raise_alarm
from guichet.runtime.telemetry.metrics import ERASURES_COMPLETED, ERASURES_OPEN, OLDEST_ERASURE
from guichet.vault.erasure_ledger.entry import ErasureEntry, ErasureStep
from guichet.vault.erasure_ledger.ledger import ErasureLedger
from guichet.vault.rotation.ports import Rotation

log = structlog.get_logger()

PAUSE: Final = timedelta(seconds=1)  # between two looks at what is held up
IDLE: Final = timedelta(seconds=10)  # where nothing is open: a request wakes the process that records it
AFTER_A_BUG: Final = timedelta(minutes=1)
AFTER_AN_UNSENT_MAIL: Final = timedelta(seconds=20)  # one that hangs holds up the others meanwhile
AFTER_A_FAILED_ROTATION: Final = timedelta(minutes=1)  # each try begins a new generation of keys


@dataclass
class ErasureWork:
    """stuck_after: how long an erasure may be open before an alarm says what holds it up."""

    ledger: ErasureLedger
    steps: ErasureSteps
    rotation: Rotation
    stuck_after: timedelta
    clock: Callable[[], datetime]
    sleep: Sleep
    _wanted: asyncio.Event = field(default_factory=asyncio.Event)
    _alarms: set[str] = field(default_factory=set)
    _left_until: dict[EventId, datetime] = field(default_factory=dict)  # after a bug
    _no_rotation_until: datetime | None = None

    def wake(self) -> None:
        """Look at the ledger now."""
        self._wanted.set()

    async def run(self) -> NoReturn:
        """Erase until cancelled; what is away is asked again after a pause."""
        while True:
            pause = PAUSE
            try:
                pause = PAUSE if await self.one_round() else IDLE
            except TransientError as exc:
                log.warning("erasures wait for the vault", why=str(exc))
            await self._rest(pause)

    async def one_round(self) -> int:
        """Bring every open erasure as far as it goes now; return how many stay open.

        Raises TransientError when the ledger does not answer.
        """
        unfinished = await self.ledger.unfinished()
        held = [await self._work_off(entry) for entry in unfinished if not waits_for_another(entry, unfinished)]
        checked = [each.entry for each in held if each and each.entry.step is ErasureStep.CHECKED]
        if checked and (self._no_rotation_until is None or self._no_rotation_until <= self.clock()):
            await self._turn_for(checked)
        still_open = await self.ledger.unfinished()
        self._set_alarms(still_open, [each for each in held if each])
        return len(still_open)

    async def _work_off(self, entry: ErasureEntry) -> Held | None:
        """Take step after step. None: finished, or left for a later round."""
        left_until = self._left_until.get(entry.request_id)
        if left_until is not None and self.clock() < left_until:
            return None
        try:
            while not entry.finished:
                went = await self.steps.take(entry)
                if isinstance(went, Held):
                    return went
                entry = await self._written(went)
        except TransientError as exc:
            if entry.step is ErasureStep.RECORDED:
                self._left_until[entry.request_id] = self.clock() + AFTER_AN_UNSENT_MAIL
            log.warning("an erasure waits", request_id=entry.request_id, step=entry.step, why=str(exc))
        except Exception:
            log.exception("a bug while erasing", request_id=entry.request_id, step=entry.step)
            raise_alarm(Alarm.BUG, "gdpr-worker:erasure")
            self._left_until[entry.request_id] = self.clock() + AFTER_A_BUG
        return None

    async def _written(self, entry: ErasureEntry) -> ErasureEntry:
        """Write an entry, marked; where somebody else was faster, return theirs."""
        entry = entry.model_copy(update={"mark": self.steps.authority.mark(entry)})
        if not await self.ledger.replace_if_unchanged(entry):
            return await self.ledger.find(entry.request_id) or entry
        log.info("erasure", request_id=entry.request_id, step=entry.step, finished=entry.finished)
        if entry.finished and entry.step is ErasureStep.CERTIFIED:
            ERASURES_COMPLETED.inc()
        return entry

    async def _turn_for(self, checked: Sequence[ErasureEntry]) -> None:
        try:
            report = await self.rotation.run()
        except (TransientError, SettingsError) as exc:  # a file that cannot be written must not stop trimming, too
            log.warning("the keys of the vault are not rotated", why=str(exc))
            self._no_rotation_until = self.clock() + AFTER_A_FAILED_ROTATION
            return
        for entry in checked:
            await self._work_off(await self._written(rotated(entry, report)))

    def _set_alarms(self, unfinished: Sequence[ErasureEntry], held: Sequence[Held]) -> None:
        now = self.clock()
        ERASURES_OPEN.set(len(unfinished))
        OLDEST_ERASURE.set(oldest_age(unfinished, now).total_seconds())
        by = {each.entry.request_id: each.by for each in held}
        open_ones = [Held(entry, by.get(entry.request_id, frozenset())) for entry in unfinished]
        causes = stuck_causes(open_ones, now, patience=self.stuck_after)
        for cause in causes - self._alarms:
            raise_alarm(Alarm.ERASURE_STUCK, cause)
        for cause in self._alarms - causes:
            clear_alarm(Alarm.ERASURE_STUCK, cause)
        self._alarms = causes

    async def _rest(self, pause: timedelta) -> None:
        await wait_at_most(self.sleep, self._wanted, pause)
        self._wanted.clear()
