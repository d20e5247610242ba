"""The envelope of a mail that lay in a mailbox, as far as its headers still tell it. Pure."""

from datetime import datetime
from typing import Final

from guichet.channel.envelope import Envelope
from guichet.privacy.subaddress import mailbox_of
from guichet_mail.read.headers import Headers, read_head

WAY: Final = "imap:"
_NAMED_BY: Final = ("delivered-to", "x-original-to", "to", "cc")


def envelope_of(account: str, addresses: tuple[str, ...], content: bytes, internal_date: datetime | None) -> Envelope:
    """Return a mail as a mail server would have handed it over.

    account: its name. addresses: the town's that arrive in this mailbox, the first by default.
    """
    headers = read_head(content)
    return Envelope(
        return_path=_return_path(headers),
        recipients=_recipients(headers, addresses),
        content=with_whole_line_ends(content),
        way=f"{WAY}{account}",
        internal_date=internal_date,
    )


def with_whole_line_ends(content: bytes) -> bytes:
    """Return a mail as SMTP carries it: some servers keep lines that end in LF alone."""
    if content.count(b"\n") == content.count(b"\r\n"):
        return content
    return content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _recipients(headers: Headers, addresses: tuple[str, ...]) -> tuple[str, ...]:
    """Return those addresses of this mailbox that the mail names; whoever sends it chooses among these alone."""
    named = (each.address for name in _NAMED_BY for each in headers.mailboxes(name))
    found = dict.fromkeys(filter(None, (mailbox_of(each, addresses) for each in named)))
    return tuple(found) or addresses[:1]


def _return_path(headers: Headers) -> str:
    """Return the sender of the envelope; where the server keeps none, the author: no mail is a bounce for that."""
    said = headers.first("return-path").strip()
    kept = headers.mailboxes("return-path" if said else "from")
    return "" if said == "<>" or not kept else kept[0].address
