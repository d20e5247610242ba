"""Which letter of ours a report is about, and whom that letter was to: by what of it came back. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from guichet.contracts.delivery import is_own_mail_id
from guichet.ids import MessageId
from guichet_mail.read.headers import Headers, read_head
from guichet_mail.read.parts import Leaf

RETURNED_TYPES: Final = frozenset(
    {"message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global", "message/global-headers"}
)
TEXT_CHARS: Final = 256 * 1024  # of a report that quotes the letter in its text
_MESSAGE_ID: Final = re.compile(r"^[>| \t]*Message-ID:[ \t]*\n?[ \t]*(<[^<>\s]{1,200}>)", re.IGNORECASE | re.MULTILINE)
_TO: Final = re.compile(r"^[>| \t]*To:[ \t]*([^\n]{1,998})", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class OwnLetter:
    """recipients: whom it was to, in small letters; empty where nothing of that came back."""

    outbound_id: MessageId
    recipients: frozenset[str] = field(repr=False)


def own_letter(headers: Headers, leaves: Iterable[Leaf], domain: str) -> OwnLetter | None:
    """Return the letter that a report is about, None for one of nobody's or of somebody else.

    domain: the town's. What came back of the letter says it, be it a part or within the text; else what the report
    answers. The letter's own References name older ones, and say nothing.
    """
    parts = list(leaves)
    return _in_a_part(parts, domain) or _in_the_text(parts, domain) or _answered(headers, domain)


def _in_a_part(leaves: list[Leaf], domain: str) -> OwnLetter | None:
    for leaf in leaves:
        if leaf.content_type in RETURNED_TYPES:
            head = read_head(leaf.content)
            if is_own_mail_id(head.first("message-id"), domain):
                return OwnLetter(_outbound(head.first("message-id")), _addresses(head))
    return None


def _in_the_text(leaves: list[Leaf], domain: str) -> OwnLetter | None:
    for leaf in leaves:
        if not leaf.content_type.startswith("text/"):
            continue
        text = leaf.text[:TEXT_CHARS]
        own = next((each for each in _MESSAGE_ID.findall(text) if is_own_mail_id(each, domain)), None)
        if own is not None:
            to = Headers([("To", each) for each in _TO.findall(text)[:3]])
            return OwnLetter(_outbound(own), _addresses(to))
    return None


def _answered(headers: Headers, domain: str) -> OwnLetter | None:
    named = (*headers.message_ids("in-reply-to"), *reversed(headers.message_ids("references")))
    own = next((each for each in named if is_own_mail_id(each, domain)), None)
    return None if own is None else OwnLetter(_outbound(own), frozenset())


def _outbound(mail_id: str) -> MessageId:
    return MessageId(mail_id.strip("<> ").partition("@")[0].lower())


def _addresses(head: Headers) -> frozenset[str]:
    return frozenset(each.address.lower() for each in head.mailboxes("to"))
