"""Requests about personal data, and what was done. Topic key: the request id."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from guichet.contracts.base import Event
from guichet.ids import AgentId, CitizenId


class ErasureRequested(Event):
    """A person is to be erased. `decision`: the DPO's reference; `visa`: the archives' (Code du patrimoine L212-2).

    The topic is read by gdpr-worker alone; no other consumer may be registered, since `citizen` crosses sectors.
    """

    type: Literal["ErasureRequested"] = "ErasureRequested"
    citizen: CitizenId
    requested_by: AgentId
    decision: str
    visa: str | None = None


class CancelErasure(Event):
    """An erasure that has not begun is not to be. It lies under the request's key, so it never comes before it."""

    type: Literal["CancelErasure"] = "CancelErasure"
    request_id: str
    cancelled_by: AgentId


class PrivacyRequestRecorded(Event):
    """The request is durable and will be worked on."""

    type: Literal["PrivacyRequestRecorded"] = "PrivacyRequestRecorded"
    request_id: str


class ErasureCompleted(Event):
    """A person is erased; the certificate is in the ledger. No citizen is named.

    counts: things erased, by place of the data map. last_copy_gone_by: until then unreadable remains may lie on disks.
    """

    type: Literal["ErasureCompleted"] = "ErasureCompleted"
    request_id: str
    keys_destroyed_at: AwareDatetime
    turned_at: AwareDatetime
    last_copy_gone_by: date
    counts: dict[str, int]


PrivacyRequest = ErasureRequested | CancelErasure
AnyPrivacyRequest = Annotated[PrivacyRequest, Field(discriminator="type")]
PrivacyEvent = PrivacyRequestRecorded | ErasureCompleted
AnyPrivacyEvent = Annotated[PrivacyEvent, Field(discriminator="type")]
