"""Files, handed out so that nothing in them runs."""

from typing import Final
from urllib.parse import quote

from starlette.responses import Response

# What a browser may be told about a file; anything else is bytes. Nothing here runs in a page (no HTML, no SVG).
HARMLESS: Final = frozenset(
    {"application/pdf", "audio/mpeg", "audio/ogg", "image/gif", "image/jpeg", "image/png", "image/webp", "text/plain"}
)


def as_download(name: str, content_type: str, content: bytes) -> Response:
    """Return a file so that a browser saves it and runs nothing of it."""
    return Response(
        content,
        media_type=content_type if content_type in HARMLESS else "application/octet-stream",
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )
