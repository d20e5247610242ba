"""What each step of an erasure does. Each may be killed anywhere and done again, also by two at once.

A step does its effects, then says so in the ledger on condition that nobody else did meanwhile; whoever comes second
reads the entry again. What the steps decide is in domain/erasure.py.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Final

from gdpr_worker.domain.certificate import certificate_of, completed
from gdpr_worker.domain.erasure import (
    Held,
    added,
    all_of,
    begun,
    blinded,
    closed,
    forgotten_at,
    lacks_visa,
    reached,
    refused,
)
from gdpr_worker.handlers.mail_dpo import DpoMail
from gdpr_worker.handlers.read_barrier import KafkaBarrier
from gdpr_worker.handlers.remove_late_copies import remove_copies
from guichet.contracts.topics import PRIVACY_EVENTS
from guichet.data_subject.authority import Authority
from guichet.data_subject.erase import Removal
from guichet.data_subject.finder import PersonFinder
from guichet.data_subject.personal_data import PersonalData
from guichet.data_subject.topics import LogPass
from guichet.ids import AgentId, CitizenId, derive_id
from guichet.kafka.produce.publisher import Publication, Publisher
from guichet.runtime.telemetry.alarms import Alarm, raise_alarm
from guichet.store.audit.trail import Act, AuditEntry, AuditTrail
from guichet.vault.erasure_ledger.entry import ErasureEntry, ErasureStep, Refusal
from guichet.vault.rotation.ports import RotationReport

BY: Final = AgentId("service:gdpr-worker")
_ENDING: Final = frozenset({ErasureStep.CERTIFIED, ErasureStep.REFUSED, ErasureStep.CANCELLED})


@dataclass(frozen=True)
class ErasureSteps:
    """The steps with what they need. begins: of the instant when the DPO is told, when the erasure may begin.

    tag: of a registry id, keyed: what the ledger keeps of it for good. last_copy: of the rotation's instant, the day
    when the last remains are gone.
    """

    finder: PersonFinder
    removal: Removal
    logs: LogPass
    barrier: KafkaBarrier
    audit: AuditTrail
    publisher: Publisher
    authority: Authority
    dpo: DpoMail
    begins: Callable[[datetime], datetime]
    tag: Callable[[CitizenId], str]
    keys_remembered_for: timedelta
    last_copy: Callable[[datetime], date]
    clock: Callable[[], datetime]

    async def take(self, entry: ErasureEntry) -> ErasureEntry | Held:
        """Do the next step; return the entry that says so, to be written, or what holds it up. Raises TransientError.

        Before each, the request's signature is verified again, and that its waiting time is over: a line that somebody
        wrote into the ledger does nothing. An entry that is checked is held: the rotation is one for all (`rotated`).
        """
        if entry.step not in _ENDING:
            if not self.authority.asked_for(entry):
                raise_alarm(Alarm.FORGED, f"erasure:{entry.request_id}")
                return refused(entry, self.clock(), Refusal.NOT_SIGNED)
            if entry.step is not ErasureStep.RECORDED and self.clock() < self._earliest(entry):
                return Held(entry)
        step = _STEPS.get(entry.step)
        return Held(entry) if step is None else await step(self, entry)

    def _earliest(self, entry: ErasureEntry) -> datetime:
        """Return before when nothing is done: what the ledger says, and never less than the signed request allows."""
        allowed = self.begins(entry.requested_at)
        return max(allowed, entry.begins_at or allowed)

    async def notify_dpo(self, entry: ErasureEntry) -> ErasureEntry:
        """Notify the DPO, then let it wait. The time counts from the notice: while no mail leaves, nothing begins."""
        now = self.clock()
        begins_at = self.begins(now)
        await self.dpo.notify(entry, begins_at)
        return reached(entry, ErasureStep.WAITING, now, begins_at=begins_at)

    async def begin(self, entry: ErasureEntry) -> ErasureEntry:
        """Refuse while nothing is done; else write down what is theirs alone.

        Once they are marked, a newcomer may take their addresses over.
        """
        now = self.clock()
        found = await self._found(entry)
        if lacks_visa(entry, all_of(found)):
            return refused(entry, now, Refusal.NO_VISA)
        return begun(entry, found, now)

    async def divert(self, entry: ErasureEntry) -> ErasureEntry:
        """Divert, and only then read how far the inbound topics reach."""
        found = await self._found(entry)
        await self.removal.divert(*entry.person)
        barrier = await self.barrier.now()
        known_as = tuple(sorted(found.citizens))
        return reached(entry, ErasureStep.DIVERTED, self.clock(), citizens=known_as, barrier=barrier)

    async def pass_barrier(self, entry: ErasureEntry) -> ErasureEntry | Held:
        """Go on once everything of then is filed and no process remembers a key that it opened."""
        if held_by := await self.barrier.behind(entry.barrier):
            return Held(entry, held_by)
        now = self.clock()
        return (
            Held(entry)
            if now < forgotten_at(entry, self.keys_remembered_for)
            else reached(entry, ErasureStep.PASSED, now)
        )

    async def destroy(self, entry: ErasureEntry) -> ErasureEntry:
        """Destroy the keys of all that is found, and of second copies on topics. A late case needs the visa, too.

        It is looked for before it is set aside, so that its citizen is answered meanwhile, and once more after that.
        """
        if lacks_visa(entry, all_of(await self._found(entry))):
            return refused(entry, self.clock(), Refusal.NO_VISA)
        await self.removal.divert(*entry.person)  # data restored meanwhile knows nothing of it
        found = await self._found(entry)
        if lacks_visa(entry, all_of(found)):
            return refused(entry, self.clock(), Refusal.NO_VISA)
        return await self._destroyed(entry, found)

    async def delete(self, entry: ErasureEntry) -> ErasureEntry:
        """Delete documents and files. What came up since the keys were destroyed loses its own first."""
        found = await self._found(entry)
        await self.removal.destroy_keys(found)
        await self.removal.delete(found, entry.reached[ErasureStep.DESTROYED.value])
        return reached(entry, ErasureStep.DELETED, self.clock())

    async def check(self, entry: ErasureEntry) -> ErasureEntry:
        """Pass over data map and topics again. What came late is destroyed too, then deleted as the rest was."""
        found = await self._found(entry)
        if not found.is_empty:
            return await self._destroyed(entry, found)
        await self._remove_copies(found)
        return reached(entry, ErasureStep.CHECKED, self.clock())

    async def release(self, entry: ErasureEntry) -> ErasureEntry:
        """Give back what a refused erasure set aside: nobody else would ever, and no one would answer the person."""
        await self.removal.release(*entry.person)
        return blinded(closed(entry), self.tag)

    async def certify(self, entry: ErasureEntry) -> ErasureEntry:
        """Write the audit entry, then the certificate. What led to the person until now goes out of the ledger."""
        done = reached(entry, ErasureStep.CERTIFIED, self.clock())
        act = AuditEntry(
            _id=derive_id("audit", entry.request_id, Act.ERASED),  # done again, it is the same entry
            at=done.reached[ErasureStep.CERTIFIED.value],
            agent=BY,
            act=Act.ERASED,
            thing="erasure",
            things=(entry.request_id,),
        )
        await self.audit.record(act)
        last_copy = self.last_copy(done.reached[ErasureStep.TURNED.value])
        return blinded(done, self.tag).model_copy(update={"certificate": certificate_of(done, last_copy)})

    async def announce(self, entry: ErasureEntry) -> ErasureEntry:
        """Say that it is done; after a kill once more, under the same id."""
        assert entry.certificate is not None
        await self.publisher.publish(Publication(PRIVACY_EVENTS, completed(entry.certificate)))
        return closed(entry)

    async def _found(self, entry: ErasureEntry) -> PersonalData:
        return await self.finder.find(*entry.person, noted=entry.noted)

    async def _destroyed(self, entry: ErasureEntry, found: PersonalData) -> ErasureEntry:
        """Copies go first: whose a dead letter is can be told only while the person's addresses open."""
        copies = await self._remove_copies(found)
        await self.removal.destroy_keys(found)
        counts = {**found.counts, **{f"{place} (copies)": count for place, count in copies.counts.items()}}
        known_as = tuple(sorted(entry.person | found.citizens))
        more = added(entry, counts, all_of(found), spared=len(found.spared.cases))
        return reached(entry, ErasureStep.DESTROYED, self.clock(), citizens=known_as, **more)

    async def _remove_copies(self, found: PersonalData) -> PersonalData:
        return await remove_copies(self.logs, self.removal, found, self.clock())


def rotated(entry: ErasureEntry, report: RotationReport) -> ErasureEntry:
    """Return the entry with the date of its rotation.

    It was asked for once the entry was read as checked: no clocks are compared, two processes' clocks may differ.
    """
    return reached(entry, ErasureStep.TURNED, report.ended_at)


_STEPS: Final[Mapping[ErasureStep, Callable[[ErasureSteps, ErasureEntry], Awaitable[ErasureEntry | Held]]]] = (
    MappingProxyType(
        {
            ErasureStep.RECORDED: ErasureSteps.notify_dpo,
            ErasureStep.WAITING: ErasureSteps.begin,
            ErasureStep.BEGUN: ErasureSteps.divert,
            ErasureStep.DIVERTED: ErasureSteps.pass_barrier,
            ErasureStep.PASSED: ErasureSteps.destroy,
            ErasureStep.DESTROYED: ErasureSteps.delete,
            ErasureStep.DELETED: ErasureSteps.check,
            ErasureStep.TURNED: ErasureSteps.certify,
            ErasureStep.CERTIFIED: ErasureSteps.announce,
            ErasureStep.REFUSED: ErasureSteps.release,
        }
    )
)
