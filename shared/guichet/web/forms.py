"""What is known of a form before anything of it is parsed: who sends it, and how."""

import re
from typing import Final

from starlette.requests import Request

_ANOTHER: Final = re.compile(r'charset(?!="?utf-8"?(;|$))', re.IGNORECASE)


def address_of(request: Request) -> str:
    """Return whence a request comes, as the connection or a trusted proxy says; blank where nothing does."""
    return request.client.host if request.client else ""


def is_utf8(request: Request) -> bool:
    """Return whether a form is in UTF-8, as every page of ours asks for and every browser does without saying so.

    Starlette decodes each field with whichever codec the sender names, and some of Python's take the square of the
    field's length (punycode: 25 s for 512 KiB).
    """
    return _ANOTHER.search(request.headers.get("content-type", "").replace(" ", "")) is None
