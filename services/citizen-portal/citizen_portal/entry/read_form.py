"""Read a form from the wire, and say with which status one is refused that is none of ours."""

from typing import Final

from fastapi import Request

from citizen_portal.domain.contact_form import BODY_BYTES, MOST_FILES, SentFile
from citizen_portal.domain.question_form import MOST_ANSWER_FILES
from guichet.contracts.questions import FIELDS_AT_MOST
from guichet.web.uploads import MalformedError, NoUploadError, TooLargeError, UploadError, UploadLimits, read_upload

_LIMITS: Final = UploadLimits(size=BODY_BYTES, files=MOST_FILES + 10, field_size=BODY_BYTES)
QUESTION_LIMITS: Final = UploadLimits(
    size=BODY_BYTES, files=FIELDS_AT_MOST + MOST_ANSWER_FILES + 10, fields=FIELDS_AT_MOST + 10, field_size=BODY_BYTES
)
_STATUSES: Final[dict[type[UploadError], int]] = {NoUploadError: 415, TooLargeError: 413, MalformedError: 400}


class UnreadableFormError(Exception):
    """The browser sent something that is no form of ours, or too large a one. status: what to answer."""

    def __init__(self, status: int) -> None:
        super().__init__(f"unreadable form: {status}")
        self.status = status


async def read_form(request: Request, limits: UploadLimits = _LIMITS) -> tuple[dict[str, str], tuple[SentFile, ...]]:
    """Return the text fields and the files. Raises UnreadableFormError."""
    length = request.headers.get("content-length", "")
    if not (length.isascii() and length.isdigit()):
        raise UnreadableFormError(411)
    if len(length) > 12 or int(length) > BODY_BYTES:
        raise UnreadableFormError(413)
    try:
        form = await read_upload(request, limits)
    except UploadError as exc:
        raise UnreadableFormError(_STATUSES[type(exc)]) from exc
    return form.fields, tuple(SentFile(each.name, each.content, each.of) for each in form.files)
