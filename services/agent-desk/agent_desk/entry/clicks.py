"""Which requests somebody waits for, so that what open pages read by themselves gives way to them."""

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from agent_desk.handlers.live.refresh_queue import RefreshQueue

_BY_THEMSELVES: Final = (
    "/demandes/liste",
    "/direct",
    "/fil",
    "/suite",
    "/suivi",
    "/pour-moi/liste",
    "/depart",
    "/brouillon",
    "/a-signer/texte",
)
"""How the addresses end that open pages ask for by themselves: parts once more, drafts, and streams without an end."""


class Clicks:
    """Notes each request that somebody waits for, while it is answered."""

    def __init__(self, app: ASGIApp, refreshes: RefreshQueue) -> None:
        self._app, self._refreshes = app, refreshes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as ASGI asks."""
        if scope["type"] != "http" or scope["path"].endswith(_BY_THEMSELVES):
            await self._app(scope, receive, send)
        else:
            with self._refreshes.click():
                await self._app(scope, receive, send)
