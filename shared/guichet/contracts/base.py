"""What every event on a topic has in common."""

import base64
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, PlainSerializer, WithJsonSchema

from guichet.ids import EventId, KeyId


def _decoded(value: object) -> object:
    return base64.b64decode(value, validate=True) if isinstance(value, str) else value


def _encoded(value: bytes) -> str:
    return base64.b64encode(value).decode()


# Base64 where it is JSON, bytes as they are in memory and in MongoDB (pydantic's Base64Bytes encodes there too: 11 µs
# to make one of 1 KB instead of 2, and a document a third larger).
Box = Annotated[
    bytes,
    BeforeValidator(_decoded),
    PlainSerializer(_encoded, when_used="json"),
    WithJsonSchema({"type": "string", "format": "base64"}),
]


class Contract(BaseModel):
    """A frozen value that crosses a topic. Unknown fields are let through: a newer producer may add some."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Sealed(Contract):
    """Personal data under AES-256-GCM: nonce (12 bytes), ciphertext and tag. See guichet.vault.sealing."""

    key_id: KeyId
    box: Box


class Event(Contract):
    """Something that happened (past tense) or is asked for (imperative), once, under its id."""

    schema_version: Literal[1] = 1
    event_id: EventId
    occurred_at: AwareDatetime
