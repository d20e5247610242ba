"""Citizens' files, handed out so that nothing in them runs."""

from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from agent_desk.entry.session_gate import SessionGate
from agent_desk.handlers.cases.read_cases import ScopedCases
from agent_desk.handlers.open_files import OpenedFile

# What a browser may be told about a file; anything else is bytes. Nothing here runs in a page (no HTML, no SVG).
HARMLESS = frozenset(
    {"application/pdf", "audio/mpeg", "audio/ogg", "image/gif", "image/jpeg", "image/png", "image/webp", "text/plain"}
)


def file_routes(*, gate: SessionGate, cases: ScopedCases) -> APIRouter:
    """Return the route for downloads. number: the file's in its message."""
    routes = APIRouter()

    @routes.get("/demandes/{reference}/fichiers/{message}/{number}")
    async def file(request: Request, reference: str, message: str, number: str) -> Response:
        visitor = await gate.visitor(request)
        return as_download(await cases.read_file(visitor, reference, message, nth_of(number)))

    return routes


def nth_of(number: str) -> int:
    """Return a file's number as an address gives it; 0 for what is none."""
    return int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0


def as_download(file: OpenedFile) -> Response:
    """Return a file so that a browser saves it and runs nothing of it."""
    return Response(
        file.content,
        media_type=file.content_type if file.content_type in HARMLESS else "application/octet-stream",
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )
