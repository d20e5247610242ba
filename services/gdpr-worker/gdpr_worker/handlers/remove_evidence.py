"""Erases what an erasure spared as evidence of a threat, once it is none: its time is over, or an agent withdrew it.

The archives' visa was given with the erasure, and its certificate names the department in the bordereau
(docs/decisions/0102).
"""

from dataclasses import dataclass
from datetime import datetime

import structlog

from guichet.data_subject.erase import Removal
from guichet.data_subject.evidence import is_evidence
from guichet.data_subject.finder import PersonFinder
from guichet.law.calendar import paris_date
from guichet.law.clocks.delay import Delay
from guichet.mongo.ended import Ended
from guichet.store.cases.erase import CaseErasing

log = structlog.get_logger()


@dataclass(frozen=True)
class FormerEvidence(Ended):
    """Cases that owe their erasure and are evidence no more. threats_kept: the town's."""

    cases: CaseErasing
    finder: PersonFinder
    removal: Removal
    threats_kept: Delay

    async def remove(self, now: datetime) -> dict[str, int]:
        """Remove them; whoever is killed in between finds again what is not destroyed. now: aware UTC.

        Raises TransientError.
        """
        today = paris_date(now)
        owed = await self.cases.owed()
        over = [each.case_id for each in owed if not is_evidence(each.facts, self.threats_kept, today)]
        if over:
            found = await self.finder.of_cases(over)
            await self.removal.destroy_keys(found)
            await self.removal.delete(found, now)
        return {"cases": len(over)}
