"""What documents of the vault's database hold. Every secret in them is wrapped; only the root key is elsewhere."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from guichet.contracts.base import Contract
from guichet.ids import KeyId


class ParcelledKey(Contract):
    """A data key made by an adapter. generation: of the sealing key that the parcel is sealed to."""

    form: Literal["hpke"] = "hpke"
    key_id: KeyId = Field(alias="_id")
    generation: int
    parcel: bytes
    wrapped: bytes = Field(repr=False)


class BucketedKey(Contract):
    """A data key under its bucket's key of that generation."""

    form: Literal["bucket"] = "bucket"
    key_id: KeyId = Field(alias="_id")
    bucket: int
    generation: int
    wrapped: bytes = Field(repr=False)


WrappedKey = ParcelledKey | BucketedKey
WRAPPED_KEY: TypeAdapter[WrappedKey] = TypeAdapter(Annotated[WrappedKey, Field(discriminator="form")])


class BucketKey(Contract):
    """A bucket's key under the root. While a rotation replaces it there are two: new keys lie under the newer one."""

    bucket_key_id: str = Field(alias="_id")
    bucket: int
    generation: int
    root: int
    wrapped: bytes = Field(repr=False)


class OpeningKey(Contract):
    """The private half of the pair that adapters seal to, under the root."""

    generation: int = Field(alias="_id")
    root: int
    wrapped: bytes = Field(repr=False)


class SealingKey(Contract):
    """The public half: all that an adapter reads; the newest is in use."""

    generation: int = Field(alias="_id")
    public: bytes


def bucket_key_id(bucket: int, generation: int) -> str:
    """Return the id of a bucket's key: bucket 7, third generation → "0007.3"."""
    return f"{bucket:04d}.{generation}"
