"""Twilio's message list, as far as catching up needs it. Source: twilio.com/docs/messaging/api/message-resource.

The list comes newest first, in pages whose addresses stay good (each names the message after which it begins). It can
be asked for days only, and by the date of sending, which a message that never left does not have: so it is asked for
everything, and read back as far as is wanted.
"""

from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import httpx

from guichet.errors import TransientError
from guichet_twilio.read.listed_messages import ListedMessage

PAGE: Final = 500
TIMEOUT_S: Final = 30.0


@dataclass(frozen=True)
class _Page:
    address: str
    messages: tuple[ListedMessage, ...]
    next_address: str | None

    def reaches(self, since: datetime) -> bool:
        return any(each.created >= since for each in self.messages)

    @property
    def oldest_sid(self) -> str | None:
        return self.messages[-1].sid if self.messages else None


class TwilioMessageList:
    """What Twilio received and sent for the town's numbers. At most two pages are held at a time.

    client: with Twilio's API as base address and the account's credentials.
    """

    def __init__(self, client: httpx.AsyncClient, account_sid: str) -> None:
        self._client = client
        self._messages = f"/2010-04-01/Accounts/{account_sid}/Messages"

    def received_by(self, number: str, since: datetime) -> AsyncGenerator[tuple[ListedMessage, ...], None]:
        """Yield the messages to a number (`+33…`, `whatsapp:+33…`) from `since` on, oldest page first; older ones too.

        Raises TransientError when Twilio does not answer, or not as agreed.
        """
        return self._pages({"To": number}, since)

    def sent_from(self, number: str, since: datetime) -> AsyncGenerator[tuple[ListedMessage, ...], None]:
        """Yield the messages from a number, likewise."""
        return self._pages({"From": number}, since)

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

    async def _pages(
        self, wanted: Mapping[str, str], since: datetime
    ) -> AsyncGenerator[tuple[ListedMessage, ...], None]:
        asked = httpx.QueryParams({**wanted, "PageSize": str(PAGE)})
        page = newest = await self._page(f"{self._messages}.json?{asked}")
        older: dict[str, str | None] = {}
        while page.next_address and page.reaches(since):
            if page.next_address in older:
                raise TransientError("Twilio's message list: pages that lead in a circle")
            page = await self._page(page.next_address)
            older[page.address] = page.oldest_sid
        for address, oldest_sid in reversed(older.items()):
            page = await self._page(address)
            if page.oldest_sid != oldest_sid:  # else what moved on to the page before would be passed over
                raise TransientError("Twilio's message list: a page that moved")
            yield page.messages
        yield newest.messages

    async def _page(self, address: str) -> _Page:
        with _translated():
            answer = await self._client.get(address, timeout=TIMEOUT_S)
            said = answer.raise_for_status().json()
            return _Page(address, tuple(_read(each) for each in said["messages"]), _own(said.get("next_page_uri")))


def _own(address: str | None) -> str | None:
    """Return an address that names no host: our credentials go to the configured API and nowhere else."""
    if address and not httpx.URL(address).is_relative_url:
        raise TransientError("Twilio's message list: a page on another host")
    return address


def _read(message: Mapping[str, Any]) -> ListedMessage:
    return ListedMessage(
        sid=message["sid"],
        direction=message["direction"],
        status=message.get("status") or "",
        error_code=str(message.get("error_code") or ""),
        sender=message.get("from") or "",
        recipient=message.get("to") or "",
        body=message.get("body") or "",
        created=_moment(message["date_created"]),
        updated=_moment(message.get("date_updated") or message["date_created"]),
        files=int(message.get("num_media") or 0),
    )


def _moment(written: str) -> datetime:
    return parsedate_to_datetime(written).astimezone(UTC)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (httpx.HTTPError, httpx.InvalidURL, LookupError, TypeError, AttributeError, ValueError) as exc:
        raise TransientError(f"Twilio's message list: {type(exc).__name__}") from exc
