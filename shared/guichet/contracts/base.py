"""What every event on a topic has in common."""

from typing import Literal

from pydantic import AwareDatetime, Base64Bytes, BaseModel, ConfigDict

from guichet.ids import EventId, KeyId


class Contract(BaseModel):
    """A frozen value that crosses a topic. Unknown fields are let through: a newer producer may add some."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Sealed(Contract):
    """Personal data under AES-256-GCM: nonce (12 bytes), ciphertext and tag. See guichet.privacy.sealing."""

    key_id: KeyId
    box: Base64Bytes


class Event(Contract):
    """Something that happened (past tense) or is asked for (imperative), once, under its id."""

    schema_version: Literal[1] = 1
    event_id: EventId
    occurred_at: AwareDatetime
