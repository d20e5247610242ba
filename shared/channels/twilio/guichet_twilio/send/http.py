"""Twilio's library speaks through this: aiohttp, as its own client does, and our own kinds of trouble."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp
from twilio.http import AsyncHttpClient
from twilio.http.response import Response

from guichet.errors import ThrottledError, TransientError

_TOO_MANY: Final = 429
_DEFAULT_PAUSE: Final = timedelta(seconds=5)
# How long an answer is waited for is the sender's to say.
_PATIENCE: Final = aiohttp.ClientTimeout(total=None, connect=5.0, sock_connect=5.0)
_NEVER_SENT: Final = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


class LostAnswerError(Exception):
    """The request may have been taken, its answer did not come."""


class TwilioHttp(AsyncHttpClient):  # type: ignore[misc]  # untyped base
    """Raises TransientError when Twilio was not reached, ThrottledError on 429, LostAnswerError in between."""

    def __init__(self) -> None:
        super().__init__(logging.getLogger("twilio"), True, None)
        self._http = aiohttp.ClientSession(
            timeout=_PATIENCE,
            trust_env=True,
            cookie_jar=aiohttp.DummyCookieJar(),  # trust_env: the town's proxy
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

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
        signed_in = None if auth is None else aiohttp.BasicAuth(*auth)
        form = None if data is None else urlencode(data)  # aiohttp's own forms take longer
        try:
            async with self._http.request(
                method, url, params=params, data=form, headers=headers, auth=signed_in, allow_redirects=allow_redirects
            ) as answer:
                text = await answer.text(errors="replace")  # a proxy's error page may be in anything
        except _NEVER_SENT as exc:
            raise TransientError("Twilio cannot be reached") from exc
        except aiohttp.ClientError as exc:
            raise LostAnswerError(type(exc).__name__) from exc
        if answer.status == _TOO_MANY:
            raise ThrottledError("Twilio: too many requests", retry_after=_pause(answer.headers))
        return Response(answer.status, text, answer.headers)


def _pause(headers: Mapping[str, str]) -> timedelta:
    """Return Retry-After, which Twilio gives in seconds."""
    said = headers.get("Retry-After", "")
    return timedelta(seconds=int(said)) if said.isdigit() else _DEFAULT_PAUSE
