"""A form with files: read into memory alone, bounded, and only once it is known who sends it."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Final

from fastapi import HTTPException, Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

_FIELDS: Final = 8
_FIELD_BYTES: Final = 16 * 1024


class TooLargeError(Exception):
    """More bytes, or more files, than the form takes."""


@dataclass(frozen=True)
class Uploaded:
    """fields: the text fields, by name. files: those that are not empty, in the order in which they came."""

    fields: dict[str, str]
    files: tuple[bytes, ...] = field(repr=False)


async def read_upload(request: Request, *, most_bytes: int, most_files: int) -> Uploaded:
    """Return what a form of text and files says. Raises TooLargeError, HTTPException (415)."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise HTTPException(415, "This form sends files.")
    parser = MultiPartParser(
        request.headers,
        _bounded(request, most_bytes),
        max_files=most_files,
        max_fields=_FIELDS,
        max_part_size=_FIELD_BYTES,
    )
    parser.spool_max_size = most_bytes  # past it a file would lie unsealed on a disk
    try:
        form = await parser.parse()
    except MultiPartException as exc:
        raise TooLargeError from exc
    fields = {name: value for name, value in form.multi_items() if isinstance(value, str)}
    files = [await value.read() for _, value in form.multi_items() if isinstance(value, UploadFile)]
    await form.close()
    return Uploaded(fields, tuple(file for file in files if file))


async def _bounded(request: Request, most_bytes: int) -> AsyncGenerator[bytes, None]:
    seen = 0
    async for some in request.stream():
        seen += len(some)
        if seen > most_bytes:
            raise TooLargeError
        yield some
