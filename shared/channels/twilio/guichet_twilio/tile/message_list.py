"""Twilio's message list: its filters and its pages. Pure.

Source: twilio.com/docs/messaging/api/message-resource#read-multiple-message-resources and
twilio.com/docs/usage/twilios-response#pagination.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from guichet_twilio.tile.errors import TwilioError
from guichet_twilio.tile.messages import ListFilter, TwilioMessage

DEFAULT_PAGE, LARGEST_PAGE = 50, 1000
DAY = timedelta(days=1) - timedelta(seconds=1)


def read_filter(query: Mapping[str, str]) -> ListFilter:
    """Read To, From, DateSent, DateSent< and DateSent>. Raises TwilioError for a date it cannot read.

    A date is a day in UTC or a moment (ISO 8601). Twilio writes `DateSent>=2024-05-01`: the name ends in
    `>`, and the day itself belongs to the span.
    """
    sent_from, sent_until = _span(query.get("DateSent", "")[:10])  # with a time too, the day is meant
    return ListFilter(
        sender=query.get("From", ""),
        recipient=query.get("To", ""),
        sent_from=_span(query.get("DateSent>", ""))[0] or sent_from,
        sent_until=_span(query.get("DateSent<", ""))[1] or sent_until,
    )


def _span(value: str) -> tuple[datetime | None, datetime | None]:
    if not value:
        return None, None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as exc:
        raise TwilioError(400, 20001, f"Invalid date: {value}") from exc
    first = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return first, first if "T" in value else first + DAY


def render_page(found: list[TwilioMessage], query: Mapping[str, str], path: str) -> dict[str, Any]:
    """Return one page of the listing.

    found: everything the filter lets through, newest first; the page token is the sid after which
    the page starts, so that messages that come in meanwhile shift nothing.
    """
    size = min(int(query.get("PageSize", DEFAULT_PAGE)), LARGEST_PAGE)
    number = int(query.get("Page", 0))
    rest = _after(found, query.get("PageToken", "")[2:])
    shown = rest[:size]
    last_sid = shown[-1].sid if len(rest) > size else ""
    return {
        "messages": [message.to_json() for message in shown],
        "page": number,
        "page_size": size,
        "start": number * size,
        "end": number * size + len(shown) - 1,
        "uri": _uri(path, query),
        "first_page_uri": _uri(path, query, Page="0", PageSize=str(size), PageToken=""),
        "previous_page_uri": None,
        "next_page_uri": _uri(path, query, Page=str(number + 1), PageSize=str(size), PageToken=f"PA{last_sid}")
        if last_sid
        else None,
    }


def _after(found: list[TwilioMessage], sid: str) -> list[TwilioMessage]:
    positions = [position for position, message in enumerate(found) if message.sid == sid]
    return found[positions[0] + 1 :] if positions else found


def _uri(path: str, query: Mapping[str, str], **changes: str) -> str:
    wanted = {name: value for name, value in {**query, **changes}.items() if value}
    return f"{path}?{urlencode(wanted)}" if wanted else path
