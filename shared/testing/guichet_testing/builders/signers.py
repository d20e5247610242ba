"""Doors' keys for tests: each producer's is made of its name, so that a test can sign as anybody."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from guichet.contracts.topics import TOPICS
from guichet.privacy.signing.public_keys import SUFFIX, PublicKey, PublicKeys
from guichet.privacy.signing.records import Signer, Verifier

DOORS = sorted({door for topic in TOPICS for door in topic.signed_by})


def a_seed(producer: str) -> bytes:
    """Return the seed of a producer's key."""
    return sha256(f"seed of {producer}".encode()).digest()


def a_signer(producer: str) -> Signer:
    """Return what signs as `producer`."""
    return Signer(a_seed(producer))


class InMemoryPublicKeys(PublicKeys):
    """Twin of PublicKeyFolder. keys: by id."""

    def __init__(self, *producers: str) -> None:
        self.keys: dict[str, PublicKey] = {key.key_id: key for key in map(a_public_key, producers or DOORS)}

    def find(self, key_id: str) -> PublicKey | None:
        return self.keys.get(key_id)


def a_public_key(producer: str, **more: Any) -> PublicKey:
    """Return the public half of a producer's key."""
    return PublicKey(producer=producer, public_key=a_signer(producer).public_key, **more)


def a_verifier(*producers: str) -> Verifier:
    """Return what believes these producers, every door unless told otherwise."""
    return Verifier(InMemoryPublicKeys(*producers))


def public_keys_folder(folder: Path, *producers: str) -> Mapping[str, str]:
    """Write the public keys of these producers (every door) into a folder; return the setting that names it."""
    folder.mkdir(exist_ok=True)
    for producer in producers or DOORS:
        (folder / f"{producer}{SUFFIX}").write_text(a_public_key(producer).model_dump_json())
    return {"GUICHET_PUBLIC_KEYS": str(folder)}
