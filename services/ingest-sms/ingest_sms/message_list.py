"""Twilio's message list, as far as catching up needs it. Source: twilio.com/docs/messaging/api/message-resource."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import httpx

from guichet.errors import TransientError
from ingest_sms.catch_up import ListedMessage

PAGE: Final = 500
TIMEOUT_S: Final = 30.0


class TwilioMessageList:
    """What Twilio received for the town's numbers.

    client: with Twilio's API as base address and the account's credentials.
    """

    def __init__(self, client: httpx.AsyncClient, account_sid: str) -> None:
        self._client = client
        self._messages = f"/2010-04-01/Accounts/{account_sid}/Messages"

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
            answer = await self._client.get(f"{self._messages}/{sid}/Media.json", timeout=TIMEOUT_S)
            if answer.status_code == httpx.codes.NOT_FOUND:
                return ()
            listed = answer.raise_for_status().json()["media_list"]
            return tuple((media["uri"].removesuffix(".json"), media["content_type"]) for media in listed)

    async def _list(self, recipient: str, start: datetime) -> list[Mapping[str, Any]]:
        listed: list[Mapping[str, Any]] = []
        asked = {"To": recipient, "DateSent>": f"{start.astimezone(UTC):%Y-%m-%d}", "PageSize": str(PAGE)}
        page: str | None = f"{self._messages}.json?{httpx.QueryParams(asked)}"
        while page:
            answer = await self._client.get(page, timeout=TIMEOUT_S)
            said = answer.raise_for_status().json()
            listed += said["messages"]
            page = said.get("next_page_uri")
        return listed


def _read(message: Mapping[str, Any]) -> ListedMessage:
    return ListedMessage(
        sid=message["sid"],
        direction=message["direction"],
        sender=message.get("from") or "",
        recipient=message.get("to") or "",
        body=message.get("body") or "",
        created=parsedate_to_datetime(message["date_created"]).astimezone(UTC),
        files=int(message.get("num_media") or 0),
    )


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (httpx.HTTPError, httpx.InvalidURL, LookupError, TypeError, AttributeError, ValueError) as exc:
        raise TransientError(f"Twilio's message list: {type(exc).__name__}") from exc
