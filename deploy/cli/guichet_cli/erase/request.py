"""What an operator does to have a person erased: see what would go, ask for it, watch until it is certified."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from guichet.contracts.privacy import CancelErasure, ErasureRequested
from guichet.contracts.topics import PRIVACY_REQUESTS
from guichet.data_subject.finder import PersonFinder
from guichet.data_subject.personal_data import PersonalData
from guichet.ids import AgentId, CitizenId, EventId
from guichet.kafka.produce.publisher import Publication, Publisher
from guichet.store.audit.trail import Act, AuditEntry, AuditTrail
from guichet.vault.erasure_ledger.entry import ErasureEntry
from guichet.vault.erasure_ledger.ledger import ErasureLedger
from guichet_cli.console.command import operators_now

LOOKING_EVERY: Final = timedelta(milliseconds=500)


@dataclass(frozen=True)
class WhatWouldGo:
    """What an erasure of this citizen would take now, and the erasures of them that the ledger knows, oldest first."""

    citizen: CitizenId
    personal_data: PersonalData
    before: tuple[ErasureEntry, ...]

    @property
    def under_way(self) -> ErasureEntry | None:
        """The erasure of them that is not finished, if there is one."""
        return next((entry for entry in self.before if not entry.finished), None)


def missing_for(personal_data: PersonalData, decision: str | None, visa: str | None) -> str | None:
    """Return what is missing and why, in a line, or None when the erasure may be asked for. Pure."""
    if not (decision and decision.strip()):
        return (
            "Refused: --decision is missing. Erasing cannot be undone: give the reference of the data protection"
            " officer's decision (GDPR art. 17)."
        )
    cases = (*personal_data.listed, *personal_data.spared.listed)
    if cases and not (visa and visa.strip()):
        return (
            f"Refused: --visa is missing. {len(cases)} case(s) would be destroyed, and public records"
            " may be destroyed with the visa of the Archives départementales only (Code du patrimoine, art. L212-2)."
        )
    return None


@dataclass(frozen=True)
class ErasureRequests:
    """An operator at work. tag: of a registry id, as gdpr-worker makes it. Every method raises TransientError.

    The audit trail outlives an erasure: the tag stands in it for the citizen, and the request for what was asked.
    """

    finder: PersonFinder
    ledger: ErasureLedger
    audit: AuditTrail
    publisher: Publisher
    by: AgentId
    tag: Callable[[CitizenId], str]
    now: Callable[[], datetime] = operators_now

    async def what_would_go(self, citizen: CitizenId) -> WhatWouldGo:
        """Look, and change nothing; the look stands in the audit trail first."""
        await self._record(Act.LISTED, "citizen", self.tag(citizen))
        before = await self.ledger.of_citizen(citizen, self.tag(citizen))
        known_as = {citizen, *(each for entry in before for each in entry.person)}
        return WhatWouldGo(citizen, await self.finder.find(*sorted(known_as)), tuple(before))

    async def ask(self, asked: ErasureRequested) -> None:
        """Hand the request to gdpr-worker: returns once the broker holds it."""
        await self._record(Act.ERASURE_ASKED, "erasure", asked.event_id, reason=asked.decision)
        await self.publisher.publish(Publication(PRIVACY_REQUESTS, asked))

    async def cancel(self, asked: CancelErasure) -> None:
        """Hand the cancelling to gdpr-worker: returns once the broker holds it."""
        await self._record(Act.ERASURE_CANCELLED, "erasure", asked.request_id)
        await self.publisher.publish(Publication(PRIVACY_REQUESTS, asked))

    async def follow(self, request_id: EventId) -> AsyncIterator[ErasureEntry | None]:
        """Yield the entry whenever it changed, until it is certified or refused; None before gdpr-worker has it."""
        seen: int | None = -1
        while True:
            entry = await self.ledger.find(request_id)
            version = entry.version if entry else None
            if version != seen:
                seen = version
                yield entry
            if entry and (entry.certificate or entry.finished):
                return
            await asyncio.sleep(LOOKING_EVERY.total_seconds())

    async def _record(self, act: Act, thing: str, *things: str, reason: str | None = None) -> None:
        entry = AuditEntry(at=self.now(), agent=self.by, act=act, thing=thing, things=things, reason=reason)
        await self.audit.record(entry)
