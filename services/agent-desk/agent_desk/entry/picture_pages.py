"""Files shown in place: small beside a message, large on a page that a browser with scripts opens over the case."""

from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from agent_desk.domain.errors import NotFoundError, WithheldError
from agent_desk.domain.pictures.picture import LARGE, MOST_PAGES, THUMBNAIL, UnshownError
from agent_desk.entry.file_pages import nth_of
from agent_desk.entry.session_gate import SessionGate
from agent_desk.handlers.pictures.view_pictures import FileAddress, PictureViewer
from guichet.errors import TransientError

_HERE: Final = "/demandes/{reference}/fichiers/{message}/{number}"
# Ours alone are the pixels; were they anything else, a browser would do nothing with them.
_HEADERS: Final = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Content-Disposition": "inline",
}


@dataclass(frozen=True)
class PicturePages:
    """Shows files. Whoever may not have a file is told what they are told of the file itself."""

    gate: SessionGate
    viewer: PictureViewer

    async def thumbnail(self, request: Request, reference: str, message: str, number: str) -> Response:
        """Return a small picture of a file's first page."""
        return await self._picture(request, FileAddress(reference, message, nth_of(number)), 1, THUMBNAIL)

    async def large(self, request: Request, reference: str, message: str, number: str, page: str = "1") -> Response:
        """Return a large picture of one of a file's pages."""
        return await self._picture(request, FileAddress(reference, message, nth_of(number)), _shown_page(page), LARGE)

    async def view(self, request: Request, reference: str, message: str, number: str, page: str = "1") -> Response:
        """Return the page that shows a file, with the way to the file itself."""
        visitor = await self.gate.visitor(request)
        at = FileAddress(reference, message, nth_of(number))
        file = await self.viewer.view(visitor, at)
        last = min(file.pages, MOST_PAGES)
        return self.gate.page(
            request,
            "picture.html",
            visitor=visitor,
            file=file,
            back=f"/demandes/{reference.upper()}",
            here=f"/demandes/{reference.upper()}/fichiers/{message}/{at.number}",
            shown=min(_shown_page(page), last),
            last=last,
            scanned=self.viewer.cases.files.antivirus.is_there,
        )

    async def _picture(self, request: Request, at: FileAddress, page: int, box: tuple[int, int]) -> Response:
        """Return a picture, or the way to a drawing that says that there is none."""
        visitor = await self.gate.visitor(request)
        try:
            picture = await self.viewer.picture(visitor, at, page, box)
        except WithheldError as exc:
            return self._instead("picture-withheld.svg" if exc.found else "picture-none.svg")
        except (UnshownError, TransientError):
            return self._instead("picture-none.svg")
        return Response(picture.jpeg, media_type="image/jpeg", headers=_HEADERS)

    def _instead(self, drawing: str) -> Response:
        return RedirectResponse(self.gate.templates.asset(drawing), 303)


def _shown_page(number: str) -> int:
    page = nth_of(number)
    if not 1 <= page <= MOST_PAGES:
        raise NotFoundError
    return page


def picture_routes(pages: PicturePages) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()
    routes.add_api_route(f"{_HERE}/vignette", pages.thumbnail)
    routes.add_api_route(f"{_HERE}/image", pages.large)
    routes.add_api_route(f"{_HERE}/vue", pages.view)
    return routes
