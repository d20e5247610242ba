"""Twilio's message list, by its own SDK."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from aiohttp import ClientError
from twilio.base.exceptions import TwilioException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client

from guichet.errors import TransientError
from ingest_sms.catch_up import ListedMessage

PAGE = 500
TIMEOUT_S = 30.0


class TwilioMessageList:
    """What Twilio received for the town's numbers. Use it inside a running loop, and close it."""

    def __init__(self, *, account_sid: str, auth_token: str, api_url: str) -> None:
        self._http = AsyncTwilioHttpClient(timeout=TIMEOUT_S)
        self._client = Client(account_sid, auth_token, http_client=self._http)
        self._client.api.base_url = api_url.rstrip("/")

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def since(self, start: datetime, recipients: Sequence[str]) -> list[ListedMessage]:
        """Return the messages to `recipients` (`+33…`, `whatsapp:+33…`) from the day of `start` on.

        Raises TransientError when Twilio does not answer, or not as agreed.
        """
        with _translated():
            listed = [each for recipient in recipients for each in await self._list(recipient, start)]
            return [_read(message) for message in listed]

    async def media(self, sid: str) -> tuple[tuple[str, str], ...]:
        """Return address and content type of a message's files; none where Twilio no longer has them.

        Raises TransientError.
        """
        with _translated():
            try:
                listed = await self._client.messages(sid).media.list_async()
            except TwilioException as exc:
                if _status(exc) == 404:
                    return ()
                raise
            return tuple((media.uri.removesuffix(".json"), media.content_type) for media in listed)

    async def _list(self, recipient: str, start: datetime) -> list[Any]:
        return list(await self._client.messages.list_async(to=recipient, date_sent_after=start, page_size=PAGE))


def _read(message: Any) -> ListedMessage:
    return ListedMessage(
        sid=message.sid,
        direction=message.direction,
        sender=message.from_ or "",
        recipient=message.to or "",
        body=message.body or "",
        created=message.date_created.astimezone(UTC),
        files=int(message.num_media or 0),
    )


def _status(error: TwilioException) -> int | None:
    """Return the HTTP status of an error, which the SDK keeps in one of two places."""
    return getattr(error, "status", None) or getattr(error.args[-1], "status_code", None)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (TwilioException, ClientError, TimeoutError, KeyError, ValueError) as exc:
        raise TransientError(f"Twilio's message list: {type(exc).__name__}") from exc
