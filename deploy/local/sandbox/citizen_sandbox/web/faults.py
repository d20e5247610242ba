"""What fails while a tile answers the town's sender, which would be a line of the sandbox's log alone."""

from collections.abc import Sequence

from starlette.types import ASGIApp, Receive, Scope, Send

from citizen_sandbox.web.seat import Seat


class TellFaults:
    """ASGI middleware: what fails in a provider's own addresses is told on its tile, and answered as a server error."""

    def __init__(self, app: ASGIApp, seats: Sequence[Seat]) -> None:
        self._app = app
        self._seats = seats

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on."""
        try:
            await self._app(scope, receive, send)
        except Exception as exc:
            for seat in self._seats:
                if scope["path"].startswith(seat.tile.provider_paths):
                    seat.note(exc)
            raise
