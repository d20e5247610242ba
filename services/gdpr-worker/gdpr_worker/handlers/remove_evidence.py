"""Erases what an erasure spared as evidence of a threat, once it is none: its time is over, or an agent withdrew it.

The archives' visa was given with the erasure, and its certificate names the department in the bordereau
(docs/decisions/0102).
"""

from dataclasses import dataclass
from datetime import datetime

import structlog

from gdpr_worker.handlers.erase_person import BY
from guichet.data_subject.erase import Removal
from guichet.data_subject.evidence import goes
from guichet.data_subject.finder import PersonFinder
from guichet.errors import TransientError
from guichet.ids import CaseId, derive_id
from guichet.law.calendar import paris_date
from guichet.law.clocks.delay import Delay
from guichet.mongo.ended import Ended
from guichet.privacy.data_map.retention import Executor
from guichet.runtime.telemetry.alarms import Alarm, raise_alarm
from guichet.store.audit.trail import Act, AuditEntry, AuditTrail
from guichet.store.cases.erase import CaseErasing

log = structlog.get_logger()


@dataclass(frozen=True)
class FormerEvidence(Ended):
    """Cases that owe their erasure and are evidence no more. threats_kept: the town's."""

    cases: CaseErasing
    finder: PersonFinder
    removal: Removal
    audit: AuditTrail
    threats_kept: Delay

    async def remove(self, now: datetime) -> dict[str, int]:
        """Remove them; whoever is killed in between finds again what is not destroyed. now: aware UTC.

        One that cannot be read, or removed, keeps no other. Raises TransientError.
        """
        removed = 0
        for case in await self.cases.owed():
            try:
                removed += await self._removed(case, now)
            except TransientError:
                raise
            except Exception:
                log.exception("a bug while removing", executor=Executor.EVIDENCE.name, case_id=case)
                raise_alarm(Alarm.BUG, f"gdpr-worker:{Executor.EVIDENCE.name}")
        return {"cases": removed}

    async def _removed(self, case: CaseId, now: datetime) -> bool:
        """Remove a case, if it goes as it is read now and nobody says anything of it before it is set aside."""
        read = await self.cases.read_owed(case)
        if read is None or not goes(read.facts, self.threats_kept, paris_date(now)):
            return False
        if not await self.cases.set_aside_owed(read):
            return False
        found = await self.finder.of_cases([case])
        await self.audit.record(_noted(case, now))
        await self.removal.destroy_keys(found)
        await self.removal.delete(found, now)
        return True


def _noted(case: CaseId, now: datetime) -> AuditEntry:
    """Return the entry; removed again after a kill, it is the same one."""
    entry = derive_id("audit", case, Act.ERASED)
    return AuditEntry(_id=entry, at=now, agent=BY, act=Act.ERASED, thing="case", things=(case,))
