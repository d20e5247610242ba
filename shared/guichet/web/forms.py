"""What is said of a form, before anything of it is parsed."""

import re
from typing import Final

from starlette.requests import Request

_ANOTHER: Final = re.compile(r'charset(?!="?utf-8"?(;|$))', re.IGNORECASE)


def is_utf8(request: Request) -> bool:
    """Return whether a form is in UTF-8, as every page of ours asks for and every browser does without saying so.

    Starlette decodes each field with whichever codec the sender names, and some of Python's take the square of the
    field's length (punycode: 25 s for 512 KiB).
    """
    return _ANOTHER.search(request.headers.get("content-type", "").replace(" ", "")) is None
