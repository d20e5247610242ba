"""The addresses that the town asked the providers for: what stands in one is written into logs on its whole way."""

from collections import deque
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

MOST: Final = 10_000


class RequestsSeen:
    """The newest MOST requests to a provider, as `GET /path?query`. providers: what their paths begin with."""

    def __init__(self, providers: tuple[str, ...]) -> None:
        self._providers = providers
        self._seen: deque[str] = deque(maxlen=MOST)

    def note(self, method: str, path: str, query: str) -> None:
        """Keep a request, if it was for a provider and not for the people who play here."""
        if path.startswith(self._providers):
            self._seen.append(f"{method} {path}?{query}" if query else f"{method} {path}")

    @property
    def all(self) -> list[str]:
        """Return them, oldest first."""
        return list(self._seen)


class NoteRequests:
    """ASGI middleware that notes every request before it is answered."""

    def __init__(self, app: ASGIApp, seen: RequestsSeen) -> None:
        self._app = app
        self._seen = seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Note it and pass it on."""
        if scope["type"] == "http":
            self._seen.note(
                scope["method"], scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")
            )
        await self._app(scope, receive, send)
