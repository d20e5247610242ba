"""Sealing by kind and field in so many words: what the product's declared fields must keep to, byte for byte."""

from typing import TypeVar

from pydantic import BaseModel

from guichet.contracts.base import Sealed
from guichet.vault.sealing import DataKey, Thing, seal, unseal

M = TypeVar("M", bound=BaseModel)


def seal_model(key: DataKey, thing: Thing, field: str, model: BaseModel) -> Sealed:
    """Seal a pydantic model as JSON."""
    return seal(key, thing, field, model.model_dump_json().encode())


def unseal_model(key: DataKey, thing: Thing, field: str, sealed: Sealed, model: type[M]) -> M:
    """Open a sealed pydantic model. Raises UnopenableError."""
    return model.model_validate_json(unseal(key, thing, field, sealed))


def seal_attachment(key: DataKey, message_id: str, attachment_id: str, content: bytes) -> bytes:
    """Seal a file under its message's key: the bytes that the object store keeps."""
    return seal(key, Thing("message", message_id), f"attachment:{attachment_id}", content).box


def unseal_attachment(key: DataKey, message_id: str, attachment_id: str, box: bytes) -> bytes:
    """Open the bytes of a file. Raises UnopenableError."""
    sealed = Sealed.model_construct(key_id=key.key_id, box=box)
    return unseal(key, Thing("message", message_id), f"attachment:{attachment_id}", sealed)
