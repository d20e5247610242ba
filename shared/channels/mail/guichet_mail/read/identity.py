"""Which mail this is: the same at each delivery, in each of the town's mailboxes, and read or unread. Pure.

So no reader process is asked: what may break one is told apart by its bytes as they came. Decisions: 0026, 0047.
"""

import hashlib
from collections.abc import Iterator

from guichet.ids import MessageId
from guichet.privacy.framed_bytes import framed
from guichet.privacy.pseudonyms import mail_message_id
from guichet_mail.read.headers import Headers, read_head
from guichet_mail.read.outline import Outline, outline_of
from guichet_mail.read.small import SmallMail, cut_small
from guichet_mail.read.stated import stated_of


def id_of(content: bytes, key: bytes) -> MessageId:
    """Return a mail's id. key: of message ids."""
    return id_of_cut(cut_small(content), content, key)


def id_of_cut(small: SmallMail | None, content: bytes, key: bytes) -> MessageId:
    """Return a mail's id. small: what `cut_small` makes of it.

    It covers Message-ID, From, Date, where answers go, what the mail answers, and the parts, and no trace header: the
    decoded parts of a mail that is well formed, so that a mail server on the way may change their encoding; the body as
    it came of any other. A mail without Message-ID is told apart by its Subject as well, one without Date too by the
    trace headers: two such mails of equal words may be two requests, and a queued mail that comes again brings the same
    trace.
    """
    headers, parts = _headers_and_parts(small, content)
    named_by_sender = headers.first("message-id").strip()
    date = headers.first("date").strip()
    rest = [] if named_by_sender else headers.all("subject")
    trace = [] if named_by_sender or date else headers.all("received")
    return mail_message_id(
        key,
        message_id=named_by_sender,
        sender=headers.first("from").strip(),
        date=date,
        parts_digest=_digest(parts, framed(*rest, *trace, *_thread(headers))),
    )


def _thread(headers: Headers) -> Iterator[str]:
    """Yield what no server on the way changes: else who has heard of a mail sends it first with answers to themselves,
    or as one of another thread, and the true one is taken for that."""
    yield from (f"reply-to {each.address}" for each in headers.mailboxes("reply-to"))
    for name in ("in-reply-to", "references"):
        yield from (f"{name} {each}" for each in headers.message_ids(name))


def _headers_and_parts(small: SmallMail | None, content: bytes) -> tuple[Headers, Iterator[bytes]]:
    """Return what tells mails apart. Each part is framed."""
    if small:
        return small.headers, (_part(each.content_type, each.stated.name, each.content) for each in small.leaves)
    if outline := outline_of(content):
        return Headers.of(outline.head), _parts(outline)
    return read_head(content), iter((framed("as it came"), framed(_body(content))))


def _digest(parts: Iterator[bytes], rest: bytes) -> str:
    """parts: framed, taken one by one: a large mail is not held twice."""
    digest = hashlib.sha256()
    for each in parts:
        digest.update(each)
    digest.update(rest)
    return digest.hexdigest()


def _parts(outline: Outline) -> Iterator[bytes]:
    for each in outline.sections:
        stated = stated_of(each.head)
        yield _part(stated.content_type, stated.name, outline.decoded(each))


def _part(content_type: str, name: str | None, content: bytes) -> bytes:
    return framed(framed(content_type, name or "", _as_sent(content_type, content)))


def _as_sent(content_type: str, content: bytes) -> bytes:
    """Return the part without what mail servers change on the way: line ends, and blank lines at the end."""
    if not content_type.startswith(("text/", "message/")):
        return content
    return content.replace(b"\r\n", b"\n").rstrip()


def _body(content: bytes) -> bytes:
    return content.replace(b"\r\n", b"\n").partition(b"\n\n")[2].rstrip()
