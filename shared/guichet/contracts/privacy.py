"""Requests about personal data, and what was done. Topic key: the request id."""

from typing import Literal

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


class PrivacyRequestRecorded(Event):
    """The request is durable and will be worked on."""

    type: Literal["PrivacyRequestRecorded"] = "PrivacyRequestRecorded"
    request_id: str
