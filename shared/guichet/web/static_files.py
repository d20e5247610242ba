"""The files that pages ask for: a service's own, and beside them those that all doors share (`design`).

They go out compressed, a typeface apart, which is so already: by Brotli as small as it gets, once for each file in a
process, else by gzip. Pages do not: they hold a form's token beside words that somebody else may have chosen, and the
length of a compressed page would tell of the one by the other.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any, Final

import anyio.to_thread
import cramjam
from fastapi import FastAPI, Response
from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

DESIGN: Final = Path(__file__).with_name("design")
TYPEFACE: Final = "inter-5.3.0-letters.woff2"  # what pages ask for before they have read the style sheet that names it
_WORTH_IT_BYTES: Final = 1024
_SMALLEST: Final = 11  # of Brotli's levels: a fifth of a second for all of the desk's files, once
_READS_BROTLI: Final = re.compile(r"(?:^|,)\s*br\s*(?:,|$|;\s*q=(?!0(?:\.0*)?\s*(?:,|$)))", re.IGNORECASE)


def serve_static(web: FastAPI, folder: Path) -> None:
    """Serve `static/` of a service's folder, and what all doors share, under /static."""
    there: dict[str, Any] = {"directory": folder / "static", "packages": [("guichet.web", DESIGN.name)]}
    compressed = GZipMiddleware(_BrotliFiles(**there), minimum_size=_WORTH_IT_BYTES)
    web.mount("/static", _Compressed(StaticFiles(**there), compressed), name="static")


def find_static(folder: Path, name: str) -> Path:
    """Return where a file lies that `serve_static` serves."""
    own = folder / "static" / name
    return own if own.exists() else DESIGN / name


def static_names(folder: Path) -> list[str]:
    """Return the names of all files that `serve_static` serves, in order."""
    return sorted({path.name for place in (folder / "static", DESIGN) for path in place.glob("*") if path.is_file()})


class _Compressed:
    def __init__(self, as_they_are: ASGIApp, compressed: ASGIApp) -> None:
        self._as_they_are = as_they_are
        self._compressed = compressed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self._as_they_are if scope["path"].endswith(".woff2") else self._compressed
        await answer(scope, receive, send)


class _BrotliFiles(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        reads = _READS_BROTLI.search(Headers(scope=scope).get("accept-encoding", ""))
        if reads is None or not isinstance(answer, FileResponse) or _is_short(answer):
            return answer
        packed = await anyio.to_thread.run_sync(_pack, str(answer.path))
        headers = {"Content-Encoding": "br", "Vary": "Accept-Encoding"}
        return Response(packed, media_type=answer.media_type, headers=headers)


def _is_short(answer: Response) -> bool:
    return int(answer.headers["content-length"]) < _WORTH_IT_BYTES


@cache
def _pack(path: str) -> bytes:
    return bytes(cramjam.brotli.compress(Path(path).read_bytes(), _SMALLEST))
