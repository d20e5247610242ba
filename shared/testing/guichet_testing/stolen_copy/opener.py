"""Whoever got hold of copies and of every key file that there is: opens what can be opened, by any way there is.

Stricter than a service: generations and ids are not believed, every root key is tried on every wrapping key, and every
wrapping key of a bucket or parcel on every data key, across all vaults, old copies and the living one together.
"""

import base64
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from guichet.contracts.base import Sealed
from guichet.errors import TamperedError
from guichet.ids import KeyId
from guichet.vault.keys.wrapping import open_parcel, unwrap_key
from guichet.vault.sealing import KEY_BYTES, DataKey, unseal
from guichet_testing.stolen_copy.sealed_items import Item

LARGEST_KEY_FILE = 64 * 1024
Vault = Mapping[str, Sequence[Mapping[str, Any]]]
"""The documents of a vault's collections."""


def root_keys_in(*folders: Path) -> set[bytes]:
    """Return every root key in every file below these folders, whatever the file is called."""
    files = (path for folder in folders for path in folder.rglob("*") if path.is_file() and _may_be(path))
    return {key for path in files for key in _root_keys(path)}


def _may_be(path: Path) -> bool:
    return path.stat().st_size <= LARGEST_KEY_FILE


def _root_keys(path: Path) -> Iterator[bytes]:
    with suppress(OSError, ValueError):  # gone meanwhile; no JSON
        generations = json.loads(path.read_bytes())
        if isinstance(generations, dict) and all(str(name).isdigit() for name in generations):
            yield from (key for each in generations.values() if len(key := base64.b64decode(each)) == KEY_BYTES)


class CopyOpener:
    """Opens items. vaults: all that could be got; roots: every root key that could."""

    def __init__(self, vaults: Sequence[Vault], roots: Iterable[bytes]) -> None:
        self._vaults = vaults
        self._roots = tuple(roots)
        self._buckets = self._opened_buckets()
        self._private = [secret for each in self._all("opening_keys") for secret in self._under_roots(each["wrapped"])]
        self._parcels: dict[bytes, list[bytes]] = {}
        self._wrapped = self._wrapped_keys()

    def open(self, items: Iterable[Item]) -> dict[Item, bytes]:
        """Return what opens, in clear."""
        opened: dict[Item, bytes] = {}
        for item in items:
            for secret in self._data_keys(item.key_id):
                with suppress(TamperedError):
                    sealed = Sealed(key_id=item.key_id, box=item.box)
                    opened[item] = unseal(DataKey(item.key_id, secret), item.thing, item.name, sealed)
        return opened

    def _data_keys(self, key_id: KeyId) -> Iterator[bytes]:
        for document in self._wrapped[key_id]:
            for outer in self._outer_keys(document):
                with suppress(TamperedError):
                    yield unwrap_key(outer, document["wrapped"])

    def _outer_keys(self, document: Mapping[str, Any]) -> Sequence[bytes]:
        if document["form"] == "bucket":
            return self._buckets[document["bucket"]]
        parcel = document["parcel"]
        if parcel not in self._parcels:
            self._parcels[parcel] = [*self._opened_parcel(parcel)]
        return self._parcels[parcel]

    def _opened_parcel(self, parcel: bytes) -> Iterator[bytes]:
        for private in self._private:
            with suppress(TamperedError):
                yield open_parcel(private, parcel)

    def _opened_buckets(self) -> Mapping[int, list[bytes]]:
        opened: dict[int, list[bytes]] = defaultdict(list)
        for document in self._all("bucket_keys"):
            opened[document["bucket"]] += self._under_roots(document["wrapped"])
        return opened

    def _under_roots(self, wrapped: bytes) -> Iterator[bytes]:
        for root in self._roots:
            with suppress(TamperedError):
                yield unwrap_key(root, wrapped)

    def _wrapped_keys(self) -> Mapping[KeyId, list[Mapping[str, Any]]]:
        found: dict[KeyId, list[Mapping[str, Any]]] = defaultdict(list)
        for document in self._all("keys"):
            if "wrapped" in document:
                found[KeyId(document["_id"])].append(document)
        return found

    def _all(self, collection: str) -> Iterator[Mapping[str, Any]]:
        for vault in self._vaults:
            yield from vault.get(collection, ())
