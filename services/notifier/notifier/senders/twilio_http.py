"""Twilio's own asynchronous HTTP client, taught to tell our kinds of trouble apart."""

from datetime import timedelta
from typing import Any, Final

import aiohttp
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.response import Response

from guichet.errors import ThrottledError, TransientError

_TOO_MANY: Final = 429
_DEFAULT_PAUSE: Final = timedelta(seconds=5)


class LostAnswerError(Exception):
    """The request may have been taken, its answer did not come."""


class TwilioHttp(AsyncTwilioHttpClient):  # type: ignore[misc]  # untyped base
    """Raises TransientError when Twilio was not reached, ThrottledError on 429, LostAnswerError in between."""

    async def request(self, *args: Any, **kwargs: Any) -> Response:
        """See AsyncTwilioHttpClient."""
        try:
            response: Response = await super().request(*args, **kwargs)
        except aiohttp.ClientConnectorError as exc:
            raise TransientError("Twilio cannot be reached") from exc
        except (aiohttp.ClientError, TimeoutError) as exc:
            raise LostAnswerError(type(exc).__name__) from exc
        if response.status_code == _TOO_MANY:
            raise ThrottledError("Twilio: too many requests", retry_after=_pause(response))
        return response


def _pause(response: Response) -> timedelta:
    """Return Retry-After, which Twilio gives in seconds."""
    said = str((response.headers or {}).get("Retry-After", ""))
    return timedelta(seconds=int(said)) if said.isdigit() else _DEFAULT_PAUSE
