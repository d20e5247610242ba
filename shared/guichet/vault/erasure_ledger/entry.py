"""What the ledger of erasures holds of each: who is to be erased, how far it is, what was found, the certificate."""

from datetime import date
from enum import StrEnum
from typing import Any, Final

from pydantic import AwareDatetime, Field, SerializerFunctionWrapHandler, field_serializer, model_serializer

from guichet.contracts.base import Box, Contract
from guichet.contracts.case_events import CaseState
from guichet.contracts.legal_facts import Day
from guichet.contracts.privacy import ErasureRequested
from guichet.ids import AgentId, CitizenId, DepartmentId, EventId, IdentifierId, MessageId, Reference


class ErasureStep(StrEnum):
    """How far an erasure is: what is named is done and durable. In this order, but for the last two."""

    RECORDED = "recorded"
    WAITING = "waiting"  # the DPO is told: until `begins_at` it can be cancelled
    BEGUN = "begun"  # what is the person's alone is noted: from here on nothing stops it
    DIVERTED = "diverted"  # the citizen's addresses file under a new citizen, their cases are closed to everybody
    PASSED = "passed"  # what was on its way at the diverting is filed, and no process remembers a key
    DESTROYED = "destroyed"  # the keys: what they sealed is noise wherever it lies
    DELETED = "deleted"  # documents and files
    CHECKED = "checked"  # a second pass of the data map found nothing
    TURNED = "turned"  # the vault: its own old copies open nothing any more
    CERTIFIED = "certified"
    REFUSED = "refused"  # nothing (more) is destroyed, all is given back: `refusal` says why
    CANCELLED = "cancelled"  # while it waited: nothing was done


class Refusal(StrEnum):
    """Why an erasure is refused."""

    NO_VISA = "no-visa"  # a case would be destroyed without the archives' visa
    NOT_SIGNED = "not-signed"  # no door asked for what the ledger says: somebody wrote into the ledger


class SignedRequest(Contract):
    """The record that asked for an erasure, with its signature: it is verified again before anything is destroyed."""

    key: Box
    value: Box
    key_id: str
    signature: Box


class ErasedCase(Contract):
    """A case that an open erasure takes; once it is certified, a part of a SlipLine.

    threat_said_on: the day on which an agent said that it is a threat; None: none did, or it was withdrawn. For a time
    it is evidence (guichet.data_subject.evidence).
    """

    reference: Reference
    department: DepartmentId
    state: CaseState
    received_at: AwareDatetime
    closed_at: AwareDatetime | None = None
    threat_said_on: Day | None = None

    @model_serializer(mode="wrap")
    def _without_blanks(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in write(self).items() if value is not None}


class SlipLine(Contract):
    """A line of the bordereau d'élimination (Code du patrimoine L212-2, R212-14): cases of one kind, by extreme dates.

    No reference and no day: neither leads from the line to a case, nor from one department's line to another's.
    from_year, to_year: in which the first and the last of them were received, in Paris.
    """

    department: DepartmentId
    state: CaseState
    count: int
    from_year: int
    to_year: int


class BarrierOffset(Contract):
    """How far every registered group must have come on a partition: the end that was read after the diverting."""

    topic: str
    partition: int
    offset: int


class Noted(Contract):
    """What was the person's alone right before the diverting: from then on a newcomer may write from their addresses.

    at: what arrived later is the newcomer's. addresses: which nobody else held. unfiled: messages from these that no
    case has (a dead letter stopped them).
    """

    at: AwareDatetime
    addresses: tuple[IdentifierId, ...] = ()
    unfiled: tuple[MessageId, ...] = ()


SPARED: Final = "cases (kept)"
"""Of a certificate's counts: cases that are kept as evidence, and go once they are none."""


class Certificate(Contract):
    """What was erased and when, for the DPO to file and to hand to the person. No personal data.

    counts: things by place of the data map. last_copy_gone_by: until then unreadable remains may lie in segments,
    journals and backups.
    """

    request_id: EventId
    decision: str
    visa: str | None
    requested_by: AgentId
    requested_at: AwareDatetime
    keys_destroyed_at: AwareDatetime
    turned_at: AwareDatetime
    certified_at: AwareDatetime
    last_copy_gone_by: date
    counts: dict[str, int]
    slip: tuple[SlipLine, ...] = ()

    @field_serializer("last_copy_gone_by")
    def _as_text(self, day: date) -> str:  # MongoDB knows instants, no days
        return day.isoformat()


class ErasureEntry(Contract):
    """One erasure. decision: the DPO's reference; visa: the archives', where a case is to be destroyed.

    citizen, citizens: every id under which the registry knew the person. tags: once nothing is left to do, all that
    stays of them and of their cases: keyed pseudonyms of the ids, by which who has the ledger's key knows the person
    again if a restore brings them back.

    version: number of writes, from 1. noted: None before anything is done. reached: when each step was reached, by its
    name; the last time where a step was taken again. counts and cases: what the passes over the data map found.
    signed: what the operator's door signed; gone with what leads to the person. mark: gdpr-worker's own, of what it
    did and found out: `step`, `begins_at`, `citizens` and `noted` (guichet.data_subject.authority).
    begins_at: once the DPO is told. finished: nothing is left to do.
    """

    request_id: EventId = Field(alias="_id")
    citizen: CitizenId | None
    requested_by: AgentId
    requested_at: AwareDatetime
    decision: str
    visa: str | None = None
    signed: SignedRequest | None = None
    mark: str | None = None
    begins_at: AwareDatetime | None = None
    refusal: Refusal | None = None
    tags: tuple[str, ...] = ()
    citizens: tuple[CitizenId, ...] = ()
    version: int = 1
    step: ErasureStep = ErasureStep.RECORDED
    noted: Noted | None = None
    reached: dict[str, AwareDatetime] = Field(default_factory=dict)
    barrier: tuple[BarrierOffset, ...] = ()
    counts: dict[str, int] = Field(default_factory=dict)
    cases: tuple[ErasedCase, ...] = ()
    certificate: Certificate | None = None
    finished: bool = False

    @classmethod
    def of(cls, asked: ErasureRequested, signed: SignedRequest | None = None) -> "ErasureEntry":
        """Return the entry that a request begins with."""
        return cls(
            _id=asked.event_id,
            citizen=asked.citizen,
            requested_by=asked.requested_by,
            requested_at=asked.occurred_at,
            decision=asked.decision,
            visa=asked.visa,
            signed=signed,
            reached={ErasureStep.RECORDED.value: asked.occurred_at},
        )

    @property
    def person(self) -> frozenset[CitizenId]:
        """Every id of the person; none once nothing is left to do."""
        return frozenset((self.citizen, *self.citizens) if self.citizen is not None else self.citizens)

    @property
    def can_be_cancelled(self) -> bool:
        """Return whether nothing is done yet."""
        return self.step in (ErasureStep.RECORDED, ErasureStep.WAITING) and self.noted is None

    @property
    def destroyed_keys(self) -> bool:
        """Return whether the erasure has taken effect: after a restore of data it must be applied again."""
        return ErasureStep.DESTROYED.value in self.reached
