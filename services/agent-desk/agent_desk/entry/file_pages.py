"""Files of messages, handed out so that nothing in them runs."""

from fastapi import APIRouter, Request, Response

from agent_desk.entry.session_gate import SessionGate
from agent_desk.handlers.cases.read_cases import ScopedCases
from agent_desk.handlers.open_files import OpenedFile
from guichet.web.downloads import as_download


def file_routes(*, gate: SessionGate, cases: ScopedCases) -> APIRouter:
    """Return the route for downloads. number: the file's in its message."""
    routes = APIRouter()

    @routes.get("/demandes/{reference}/fichiers/{message}/{number}")
    async def file(request: Request, reference: str, message: str, number: str) -> Response:
        visitor = await gate.visitor(request)
        return given(await cases.read_file(visitor, reference, message, nth_of(number)))

    return routes


def nth_of(number: str) -> int:
    """Return a file's number as an address gives it; 0 for what is none."""
    return int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0


def given(file: OpenedFile) -> Response:
    """Return a file so that a browser saves it and runs nothing of it."""
    return as_download(file.name, file.content_type, file.content)
