"""How a reader process answers: a checked header in JSON, then the files' bytes. Pure; nothing in it is code."""

from typing import Final

from pydantic import Field, ValidationError

from guichet.channel.draft import DraftFile
from guichet.contracts.base import Contract
from guichet.contracts.inbound import Automatic, Suspicion
from guichet.contracts.inbound_content import InboundContent
from guichet.errors import PermanentError
from guichet_mail.read.parse import Reading
from guichet_mail.read.returned.outcome import Outcome

_SIZE_BYTES: Final = 4


class _File(Contract):
    name: str
    content_type: str
    size_bytes: int = Field(ge=0)


class _Header(Contract):
    accounts: tuple[str, ...]
    content: InboundContent
    automatic: Automatic | None
    files: tuple[_File, ...]
    suspended: Suspicion | None
    outcome: Outcome | None


def to_bytes(reading: Reading) -> bytes:
    """Return what crosses from a reader process."""
    header = _Header(
        accounts=reading.accounts,
        content=reading.content,
        automatic=reading.automatic,
        files=tuple(
            _File(name=each.name, content_type=each.content_type, size_bytes=len(each.content))
            for each in reading.files
        ),
        suspended=reading.suspended,
        outcome=reading.outcome,
    )
    said = header.model_dump_json().encode()
    return b"".join((len(said).to_bytes(_SIZE_BYTES), said, *(each.content for each in reading.files)))


def from_bytes(answer: bytes) -> Reading:
    """Return what a reader process said. Raises PermanentError where it does not keep to the form."""
    start = _SIZE_BYTES + int.from_bytes(answer[:_SIZE_BYTES])
    try:
        header = _Header.model_validate_json(answer[_SIZE_BYTES:start])
    except ValidationError as exc:
        raise PermanentError("a reader process answered nonsense", reason="unreadable") from exc
    files = []
    for each in header.files:
        files.append(DraftFile(each.name, each.content_type, answer[start : start + each.size_bytes]))
        start += each.size_bytes
    return Reading(header.accounts, header.content, header.automatic, tuple(files), header.suspended, header.outcome)
