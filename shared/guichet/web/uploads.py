"""A form with files, from the wire: bounded, and never onto a disk, where a person's words would lie in clear."""

from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import dataclass, field

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from guichet.web.forms import is_utf8


class UploadError(Exception):
    """A form that is not taken. fields: what had been read of it by then: words that stand before the files."""

    fields: Mapping[str, str] = {}


class NoUploadError(UploadError):
    """It is no form with files, or not in UTF-8."""


class TooLargeError(UploadError):
    """It has more bytes than are taken."""


class MalformedError(UploadError):
    """It cannot be read, or has more files or fields, or longer ones, than are taken."""


@dataclass(frozen=True)
class UploadedFile:
    """A file of a form, under the name that the browser gave. of: the name of its field."""

    name: str = field(repr=False)
    content: bytes = field(repr=False)
    of: str = ""


@dataclass(frozen=True)
class Uploaded:
    """fields: the text fields, by name. files: in the order in which they came, without the blanks of empty fields."""

    fields: dict[str, str] = field(repr=False)
    files: tuple[UploadedFile, ...] = field(repr=False)


@dataclass(frozen=True)
class UploadLimits:
    """What a form may have. size: of all of it, in bytes. field_size: of one text field, in bytes."""

    size: int
    files: int
    fields: int = 20
    field_size: int = 16 * 1024


async def read_upload(request: Request, limits: UploadLimits) -> Uploaded:
    """Return what a form of text and files says. Raises UploadError."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data") or not is_utf8(request):
        raise NoUploadError
    parser = MultiPartParser(
        request.headers,
        _bounded(request, limits.size),
        max_files=limits.files,
        max_fields=limits.fields,
        max_part_size=limits.field_size,
    )
    parser.spool_max_size = limits.size + 1  # past it a file would lie unsealed on a disk
    try:
        form = await parser.parse()
    except TooLargeError as exc:
        exc.fields = _texts(parser.items)
        raise
    except (MultiPartException, UnicodeDecodeError, KeyError) as exc:
        malformed = MalformedError()
        malformed.fields = _texts(parser.items)
        raise malformed from exc
    fields = _texts(form.multi_items())
    sent = [(name, value) for name, value in form.multi_items() if isinstance(value, UploadFile)]
    files = [UploadedFile(each.filename or "", await each.read(), name) for name, each in sent]
    await form.close()
    return Uploaded(fields, tuple(each for each in files if each.name or each.content))


def _texts(items: Iterable[tuple[str, UploadFile | str]]) -> dict[str, str]:
    return {name: value for name, value in items if isinstance(value, str)}


async def _bounded(request: Request, size: int) -> AsyncGenerator[bytes, None]:
    """Yield so much; let go of as much again, since no browser hears an answer while it still sends."""
    seen = 0
    async for some in request.stream():
        seen += len(some)
        if seen <= size:
            yield some
        elif seen > 2 * size:
            break
    if seen > size:
        raise TooLargeError
