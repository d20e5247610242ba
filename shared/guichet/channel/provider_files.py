"""Files that lie at the provider: fetched within bounds; one that never comes is named, so that the agent can ask."""

from collections.abc import AsyncIterable, Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Protocol, TypeVar

import structlog

from guichet.channel.draft import Draft, DraftFile
from guichet.errors import PermanentError, ThrottledError, TransientError
from guichet.runtime.telemetry.alarms import Alarm, raise_alarm

log = structlog.get_logger()


class FileMissingError(PermanentError):
    """The provider will never hand this file over: too large for its interface, or gone. why: French, for the agent."""

    def __init__(self, why: str) -> None:
        super().__init__("a file stays with the provider", reason="file-missing")
        self.why = why


class FileLateError(TransientError):
    """The provider does not hand a file over now; others' messages may go on meanwhile."""


TOO_LARGE = "trop volumineux"
GONE = "indisponible"


class RemoteFile(Protocol):
    """A file that still lies at the provider. name: what it is filed as."""

    @property
    def name(self) -> str: ...


P = TypeVar("P", bound=RemoteFile)


async def fetch_files(
    draft: Draft, remote_files: Iterable[P], fetch: Callable[[P], Awaitable[DraftFile]], *, patient: bool = True
) -> Draft:
    """Return the draft with its files; those for which `fetch` raises FileMissingError are named in the text.

    patient: the message may still wait for a file that the provider does not hand over now: raises FileLateError, or
    ThrottledError. Otherwise such a file is named too, with an alarm: no message is lost for its photo.
    """
    files, missing = [], []
    for remote in remote_files:
        try:
            files.append(await fetch(remote))
        except FileMissingError as error:
            missing.append((remote.name, error.why))
        except TransientError as error:
            if patient:
                raise error if isinstance(error, ThrottledError) else FileLateError(str(error)) from error
            missing.append((remote.name, GONE))
            _give_up(draft, error)
    return with_files(draft, files, missing)


def _give_up(draft: Draft, error: TransientError) -> None:
    log.error("a file never came", message_id=draft.message_id, channel=draft.channel, reason=str(error))
    raise_alarm(Alarm.FILE_MISSING, draft.channel)


async def read_bounded(pieces: AsyncIterable[bytes], max_bytes: int) -> bytes:
    """Return an answer's body. Raises FileMissingError without reading much past `max_bytes`."""
    content = bytearray()
    async for piece in pieces:
        content += piece
        if len(content) > max_bytes:
            raise FileMissingError(TOO_LARGE)
    return bytes(content)


def with_files(draft: Draft, files: list[DraftFile], missing: list[tuple[str, str]]) -> Draft:
    """Return the draft with its files, and a line in its text for each (name, why) that is missing."""
    if not files and not missing:
        return draft
    notes = [f"[Fichier « {name} » non récupéré : {why}]" for name, why in missing]
    text = "\n".join(part for part in (draft.content.text, *notes) if part)
    return replace(draft, content=draft.content.model_copy(update={"text": text}), files=tuple(files))
