"""Every reading of a follow page is an entry of the audit trail, durable before the page is given.

Nobody signs in here, so an entry says which case and when, and names nobody; a link that leads nowhere is an entry too,
without what was typed. What a stranger can ask for again and again fills no disk: past a limit nothing is written.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from citizen_portal.handlers.follow_case import Followed
from guichet.ids import CaseId
from guichet.runtime.telemetry.probing_alarm import Probing, Refusal
from guichet.store.audit.trail import Act, AuditEntry, AuditTrail
from guichet.web.throttle import Throttle

WINDOW: Final = timedelta(minutes=10)
READINGS_PER_LINK: Final = 60
LOST_PER_ADDRESS: Final = 20  # of links that lead nowhere
LOST_IN_ALL: Final = 300  # from however many addresses: 43,000 entries a day at most, about 10 MB
_EVERYBODY: Final = "everybody"


@dataclass(frozen=True)
class FollowAudit:
    """What is written down of follow pages, and how much of it at most."""

    audit: AuditTrail
    probing: Probing
    clock: Callable[[], datetime]
    _read: Throttle = field(default_factory=lambda: Throttle(READINGS_PER_LINK, WINDOW))
    _lost: Throttle = field(default_factory=lambda: Throttle(LOST_PER_ADDRESS, WINDOW))
    _lost_in_all: Throttle = field(default_factory=lambda: Throttle(LOST_IN_ALL, WINDOW))

    async def note_reading(self, followed: Followed) -> bool:
        """Note a reading; False when the case was read too often just now. Raises TransientError: give no page then."""
        return await self.note_opening(followed.case_id, followed.case_id, shows=followed.page is not None)

    async def note_opening(self, case: CaseId, link: str, *, shows: bool) -> bool:
        """Note that a link of a case was opened, the form of a question among them. shows: its page is still there.

        link: by what it is counted: who was passed a question takes its citizen's own page from nobody.
        Returns and raises as `note_reading`.
        """
        now = self.clock()
        if self._read.pause(link, now) is not None:
            return False
        self._read.count(link, now)
        await self._note(Act.FOLLOWED if shows else Act.FOLLOW_ENDED, "case", now, case)
        return True

    async def note_lost(self, address: str) -> None:
        """Note a link that leads nowhere, unless this address or everybody tried many. Raises TransientError."""
        now = self.clock()
        throttles = ((self._lost, address), (self._lost_in_all, _EVERYBODY))
        if any(throttle.pause(key, now) is not None for throttle, key in throttles):
            self.probing.note(Refusal.NOT_FOUND)
            return
        for throttle, key in throttles:
            throttle.count(key, now)
        await self._note(Act.NOT_FOUND, "follow-link", now)

    async def _note(self, act: Act, thing: str, now: datetime, *cases: CaseId) -> None:
        await self.audit.record(AuditEntry(at=now, agent=None, act=act, thing=thing, things=cases))
