"""Read a form from the wire: bounded, and never onto a disk, where a citizen's words would lie in clear."""

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from citizen_portal.domain.contact_form import BODY_BYTES, MOST_FILES, SentFile
from guichet.channel.refusals import TooLargeError
from guichet.channel.web import bounded_stream
from guichet.web.forms import is_utf8


class UnreadableFormError(Exception):
    """The browser sent something that is no form of ours, or too large a one. status: what to answer."""

    def __init__(self, status: int) -> None:
        super().__init__(f"unreadable form: {status}")
        self.status = status


class InMemoryParser(MultiPartParser):
    """Starlette's parser, which by itself spools files over 1 MiB to the disk."""

    spool_max_size = BODY_BYTES + 1


async def read_form(request: Request) -> tuple[dict[str, str], tuple[SentFile, ...]]:
    """Return the text fields and the files. Raises UnreadableFormError."""
    length = request.headers.get("content-length", "")
    if not (length.isascii() and length.isdigit()):
        raise UnreadableFormError(411)
    if len(length) > 12 or int(length) > BODY_BYTES:
        raise UnreadableFormError(413)
    if not request.headers.get("content-type", "").startswith("multipart/form-data") or not is_utf8(request):
        raise UnreadableFormError(415)
    parser = InMemoryParser(
        request.headers,
        bounded_stream(request, BODY_BYTES),
        max_files=MOST_FILES + 10,
        max_fields=20,
        max_part_size=BODY_BYTES,
    )
    try:
        form = await parser.parse()
    except TooLargeError as exc:
        raise UnreadableFormError(413) from exc
    except (MultiPartException, UnicodeDecodeError, KeyError) as exc:
        raise UnreadableFormError(400) from exc
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    uploads = [value for value in form.getlist("files") if isinstance(value, UploadFile)]
    files = [SentFile(upload.filename or "", await upload.read()) for upload in uploads]
    await form.close()
    return fields, tuple(file for file in files if file.name or file.content)
