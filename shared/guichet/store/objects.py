"""The object store: sealed files under keys that name nobody, in a local folder or any S3.

A key is written once. Who seals the same file again has a fresh data key, hence other bytes, and must give the object
another key (let the data key's id be part of it): else a retried delivery would overwrite the file that the first,
already published message points to.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import unquote, urlsplit

from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, from_url
from obstore.store import ObjectStore as AnyStore

from guichet.errors import PermanentError, SettingsError, TransientError
from guichet.privacy.data_map.entry import (
    FILE_SIZE,
    PUBLIC_TASK,
    Belonging,
    Bond,
    DataMapEntry,
    Erasure,
    Join,
)
from guichet.privacy.data_map.retention import Executor, KeptFor, Owner, Phrase, Until, WithIts, days
from guichet.runtime.disk import flush_to_disk
from guichet.vault.fields import BYTES, SealedField

ATTACHMENT: Final = SealedField("message", "attachment", BYTES, holds="the file, under its message's key")
DRAFT_FILE: Final = SealedField("draft", "attachment", BYTES, holds="a file of an answer that is not sent")
ORPHANS_KEPT: Final = timedelta(days=30)
CLAIM: Final = "owned-by-kafka-cluster"  # the object that says whose worker may remove orphans: no file of the data
PAYLOAD: Final = SealedField(
    "dead-letter", "payload", BYTES, holds="a dead letter's whole payload, under a key it names"
)

DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="bucket",
        name="objects",
        purpose="keep the files of messages and of answers in the making, and what nobody could read or carry",
        legal_basis=PUBLIC_TASK,
        whose="citizens who write to the town, third parties in what they send",
        retention=(
            WithIts(
                what=Phrase("a file of a message, or of a draft", "le fichier d’un message ou d’un brouillon"),
                owner=Owner.MESSAGE,
            ),
            Until(
                what=Phrase("what nobody could read", "ce que personne n’a pu lire"),
                event=Phrase("an operator replays or drops it", "un opérateur le rejoue ou l’abandonne"),
                by=Executor.OPERATOR,
            ),
            KeptFor(
                what=Phrase("a file whose message never got onto its topic", "le fichier d’un message non publié"),
                period=days(ORPHANS_KEPT.days),
                since=Phrase("it came", "son arrivée"),
                and_until=Phrase("it is known that nothing names it", "l’on sache que rien ne le nomme"),
                by=Executor.ORPHANS,
            ),
        ),
        on_erasure=Erasure.KEY_DESTROYED,
        fields=(
            ATTACHMENT.at("bytes"),
            DRAFT_FILE.at("bytes (draft)"),
            PAYLOAD.at("bytes (aside)"),
        ),
        belongs=(Belonging(Bond.KEY, "bytes"),),
        joins=(Join("size_bytes", FILE_SIZE),),
    ),
)

_LIST_REFUSED: Final = re.compile("status code: 40[13] ")  # of a list the library raises no error of its own
_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*")


class ObjectStore(Protocol):
    """Bytes by key. Keys are ids: letters, digits, `_ - .`, parts joined by `/`. All raise TransientError."""

    async def put(self, key: str, content: bytes) -> None:
        """Keep `content`; durable on return, whole or not at all. The same bytes again are a success.

        Raises PermanentError when the key already holds other bytes.
        """

    async def get(self, key: str) -> bytes:
        """Return what was put. Raises PermanentError (reason "no-such-object") when there is nothing."""

    async def delete(self, key: str) -> None:
        """Remove it; what is not there is a success."""


class ListedObjects(ObjectStore, Protocol):
    """An object store that tells what it holds: for a backup, and for who looks for what nothing names."""

    def all_keys(self) -> AsyncIterator[str]:
        """Yield every key, in no order. Raises TransientError, PermanentError where listing is not allowed."""

    def put_before(self, moment: datetime) -> AsyncIterator[str]:
        """Yield each key put earlier by the store's own clock, in no order. moment: aware. Raises as all_keys."""


class ObstoreObjects(ListedObjects):
    """Face over the library obstore. url: file:///folder (made when missing) or s3://bucket/prefix.

    Raises SettingsError for another URL. S3 credentials and endpoint come from the usual AWS_… variables.
    """

    def __init__(self, url: str) -> None:
        self._store = _store_at(url)
        self._folder = _folder_of(url)

    async def put(self, key: str, content: bytes) -> None:
        try:
            await self._create(checked_key(key), content)
            await self._flush(key)
        except (BaseError, OSError) as exc:
            raise _away(exc) from exc

    async def get(self, key: str) -> bytes:
        try:
            answer = await self._store.get_async(checked_key(key))
            return bytes(await answer.bytes_async())
        except FileNotFoundError as exc:
            raise no_such_object(key) from exc
        except (BaseError, OSError) as exc:
            raise _away(exc) from exc

    async def delete(self, key: str) -> None:
        try:
            await self._store.delete_async(checked_key(key))
        except FileNotFoundError:
            return
        except (BaseError, OSError) as exc:
            raise _away(exc) from exc

    async def all_keys(self) -> AsyncIterator[str]:
        async for each in self._listed():
            yield each["path"]

    async def put_before(self, moment: datetime) -> AsyncIterator[str]:
        async for each in self._listed():
            if each["last_modified"] < moment:
                yield each["path"]

    async def _listed(self) -> AsyncIterator[Mapping[str, Any]]:
        try:
            async for some in self._store.list():
                for each in some:
                    yield each
        except (BaseError, OSError) as exc:
            if _LIST_REFUSED.search(str(exc)):
                raise PermanentError("object store: our user may not list it") from exc
            raise _away(exc) from exc

    async def _create(self, key: str, content: bytes) -> None:
        try:
            await self._store.put_async(key, content, mode="create")
        except AlreadyExistsError as exc:
            if await self.get(key) != content:
                raise overwritten(key) from exc

    async def _flush(self, key: str) -> None:
        """The library leaves a local file to the system, which writes it half a minute later (seen with strace)."""
        if self._folder is not None:
            await asyncio.to_thread(_flush_file, self._folder, key)


def is_object_key(key: str) -> bool:
    """Return whether something can lie under it: a third party's host may name anything as a message's file."""
    return _KEY.fullmatch(key) is not None


def checked_key(key: str) -> str:
    """Return the key, or raise ValueError for one that could hold an address, a name or a path upwards."""
    if not is_object_key(key):
        raise ValueError("an object's key is made of ids: letters, digits, _ - . and /")
    return key


def overwritten(key: str) -> PermanentError:
    """Return the error of a second, different content under one key."""
    return PermanentError(f"object {key} already holds other bytes", reason="object-overwritten")


def no_such_object(key: str) -> PermanentError:
    """Return the error of a key that holds nothing."""
    return PermanentError(f"object {key} does not exist", reason="no-such-object")


def _away(error: Exception) -> TransientError:
    return TransientError(f"object store: {type(error).__name__}")


def _flush_file(folder: Path, key: str) -> None:
    file = folder / key
    for path in (file, *file.parents):
        flush_to_disk(path)
        if path == folder:
            return


def _folder_of(url: str) -> Path | None:
    place = urlsplit(url)
    return Path(unquote(place.path)) if place.scheme == "file" else None


def _store_at(url: str) -> AnyStore:
    scheme = urlsplit(url).scheme
    try:
        if scheme == "file":
            return LocalStore(_folder_of(url), mkdir=True)
        if scheme == "s3":
            return from_url(url)
    except (BaseError, OSError, ValueError) as exc:
        raise SettingsError(f"GUICHET_OBJECTS_URL: {scheme} store cannot be opened ({exc}).") from exc
    raise SettingsError("GUICHET_OBJECTS_URL is wrong. Give file:///absolute/folder or s3://bucket/prefix.")


def attachment(attachment_id: str) -> SealedField[bytes]:
    """Return the field of one of a message's files."""
    return ATTACHMENT.called(f"attachment:{attachment_id}")


def draft_file(file_id: str) -> SealedField[bytes]:
    """Return the field of one of a draft's files."""
    return DRAFT_FILE.called(f"attachment:{file_id}")
