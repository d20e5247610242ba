"""The files that pages ask for: a service's own, and beside them those that all doors share (`design`).

They go out compressed, a typeface apart, which is so already. Pages do not: they hold a form's token beside words that
somebody else may have chosen, and the length of a compressed page would tell of the one by the other.
"""

from pathlib import Path
from typing import Final

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

DESIGN: Final = Path(__file__).with_name("design")
TYPEFACE: Final = "inter-5.3.0-latin.woff2"  # what pages ask for before they have read the style sheet that names it
_WORTH_IT_BYTES: Final = 1024


def serve_static(web: FastAPI, folder: Path) -> None:
    """Serve `static/` of a service's folder, and what all doors share, under /static."""
    files = StaticFiles(directory=folder / "static", packages=[("guichet.web", DESIGN.name)])
    web.mount("/static", _Compressed(files), name="static")


def find_static(folder: Path, name: str) -> Path:
    """Return where a file lies that `serve_static` serves."""
    own = folder / "static" / name
    return own if own.exists() else DESIGN / name


class _Compressed:
    def __init__(self, files: ASGIApp) -> None:
        self._files = files
        self._compressed = GZipMiddleware(files, minimum_size=_WORTH_IT_BYTES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self._files if scope["path"].endswith(".woff2") else self._compressed
        await answer(scope, receive, send)
