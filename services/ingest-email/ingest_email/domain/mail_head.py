"""The first headers of a mail, read line by line within bounds, whatever the rest of it is. Pure."""

import re
from typing import Final

from ingest_email.domain.authentication import LONGEST_RESULTS
from ingest_email.domain.headers import LINE_CHARS, Headers

HEAD_BYTES: Final = 16 * 1024  # usual heads are a third of it
MOST_HEADERS: Final = 200
_ROOM: Final = {"authentication-results": LONGEST_RESULTS + 1}  # cut shorter, a refusal would be lost
_FIELD: Final = re.compile(r"([!-9;-~]{1,76}):[ \t]*([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)")  # RFC 5322 2.2


def read_head(content: bytes) -> Headers:
    """Return the first headers of a mail, each cut to what a line holds."""
    head = content[:HEAD_BYTES].replace(b"\r\n", b"\n").partition(b"\n\n")[0].decode("utf-8", "surrogateescape")
    fields = (found.groups() for found, _ in zip(_FIELD.finditer(head), range(MOST_HEADERS), strict=False))
    return Headers((name, value[: _ROOM.get(name.lower(), LINE_CHARS)]) for name, value in fields)
