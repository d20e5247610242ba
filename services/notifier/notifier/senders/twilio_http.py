"""Twilio's library speaks through this: httpx, which the process has anyway, and our own kinds of trouble."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import httpx
from twilio.http import AsyncHttpClient
from twilio.http.response import Response

from guichet.errors import ThrottledError, TransientError

_TOO_MANY: Final = 429
_DEFAULT_PAUSE: Final = timedelta(seconds=5)
_PATIENCE: Final = httpx.Timeout(None, connect=5.0)  # how long an answer is waited for is the sender's to say
_NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class LostAnswerError(Exception):
    """The request may have been taken, its answer did not come."""


class TwilioHttp(AsyncHttpClient):  # type: ignore[misc]  # untyped base
    """Raises TransientError when Twilio was not reached, ThrottledError on 429, LostAnswerError in between."""

    def __init__(self) -> None:
        super().__init__(logging.getLogger("twilio"), True, None)
        self._http = httpx.AsyncClient(timeout=_PATIENCE)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def request(
        self,
        method: str,
        url: str,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ARG002
        allow_redirects: bool = False,
    ) -> Response:
        """See AsyncHttpClient."""
        try:
            answer = await self._http.request(
                method, url, params=params, data=data, headers=headers, auth=auth, follow_redirects=allow_redirects
            )
        except _NEVER_SENT as exc:
            raise TransientError("Twilio cannot be reached") from exc
        except httpx.HTTPError as exc:
            raise LostAnswerError(type(exc).__name__) from exc
        if answer.status_code == _TOO_MANY:
            raise ThrottledError("Twilio: too many requests", retry_after=_pause(answer.headers))
        return Response(answer.status_code, answer.text, answer.headers)


def _pause(headers: Mapping[str, str]) -> timedelta:
    """Return Retry-After, which Twilio gives in seconds."""
    said = headers.get("Retry-After", "")
    return timedelta(seconds=int(said)) if said.isdigit() else _DEFAULT_PAUSE
