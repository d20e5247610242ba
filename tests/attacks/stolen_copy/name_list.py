"""What somebody with a list of names would compute of it, without any key, to find the people again. Pure."""

import base64
import hashlib
import unicodedata
from collections.abc import Hashable, Iterable, Iterator
from typing import Final

from guichet.ids import derive_id
from guichet_testing.builders.channels import CHANNELS, KINDS

_HASHES: Final = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "blake2b", "blake2s")
_LENGTHS: Final = (16, 24, 32, 40)  # of hex digits: an id is often cut short
_SALTS: Final = (*KINDS, *CHANNELS)
_KINDS: Final = ("citizen", "registered-citizen", "identifier", "participant", "conversation", "own-anchor", "ingest")


def digests_of(names: Iterable[str]) -> dict[Hashable, str]:
    """Return what each name gives: digest → how it came about."""
    return {digest: how for name in names for text in _spellings(name) for digest, how in _digests(text)}


def _spellings(name: str) -> set[str]:
    bare = "".join(each for each in unicodedata.normalize("NFKD", name) if not unicodedata.combining(each))
    ways = {name, unicodedata.normalize("NFD", name), bare, bare.replace(" ", ""), "".join(reversed(bare.split()))}
    ways |= {" ".join(sorted(bare.split())), " ".join(reversed(bare.split()))}
    return ways | {each.lower() for each in ways} | {each.upper() for each in ways} | {each.casefold() for each in ways}


def _digests(text: str) -> Iterator[tuple[str, str]]:
    for salt in ("", *(f"{kind}:" for kind in _SALTS)):
        for name in _HASHES:
            digest = hashlib.new(name, (salt + text).encode())
            for form in _written(digest.digest()):
                yield form, f"{name} of {salt}{text}"
    for kind in _KINDS:
        for parts in ((text,), *((each, text) for each in _SALTS)):
            yield derive_id(kind, *parts), f"derived as {kind} of {text}"


def _written(digest: bytes) -> Iterator[str]:
    whole = digest.hex()
    yield whole
    yield from (whole[:length] for length in _LENGTHS)
    yield base64.b64encode(digest).decode()
