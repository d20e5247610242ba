"""Which mail this is: the same at each delivery, in each of the town's mailboxes, and read or unread. Pure.

So no reader process is asked: what may break one is told apart by its bytes as they came. See docs/decisions/0026.
"""

import hashlib

from guichet.ids import MessageId
from guichet.privacy.framed_bytes import framed
from guichet.privacy.pseudonyms import mail_message_id
from guichet_mail.read.headers import read_head
from guichet_mail.read.parts import Leaf
from guichet_mail.read.small import SmallMail, cut_small


def id_of(content: bytes, key: bytes) -> MessageId:
    """Return a mail's id. key: of message ids."""
    return id_of_cut(cut_small(content), content, key)


def id_of_cut(small: SmallMail | None, content: bytes, key: bytes) -> MessageId:
    """Return a mail's id. small: what `cut_small` makes of it.

    It covers Message-ID, From, Date and the parts, and no trace header: the decoded parts of a small mail, so that a
    mail server on the way may change their encoding; the body as it came of any other. A mail without Message-ID is
    told apart by its Subject as well, one without Date too by the trace headers: two such mails of equal words may be
    two requests, and a queued mail that comes again brings the same trace.
    """
    headers = small.headers if small else read_head(content)
    named_by_sender = headers.first("message-id").strip()
    date = headers.first("date").strip()
    rest = [] if named_by_sender else headers.all("subject")
    trace = [] if named_by_sender or date else headers.all("received")
    parts = map(_part, small.leaves) if small else ("as it came", _body(content))
    return mail_message_id(
        key,
        message_id=named_by_sender,
        sender=headers.first("from").strip(),
        date=date,
        parts_digest=hashlib.sha256(framed(*parts, *rest, *trace)).hexdigest(),
    )


def _part(leaf: Leaf) -> bytes:
    return framed(leaf.content_type, leaf.name or "", _as_sent(leaf))


def _as_sent(leaf: Leaf) -> bytes:
    """Return the part without what mail servers change on the way: line ends, and blank lines at the end."""
    if not leaf.content_type.startswith(("text/", "message/")):
        return leaf.content
    return leaf.content.replace(b"\r\n", b"\n").rstrip()


def _body(content: bytes) -> bytes:
    return content.replace(b"\r\n", b"\n").partition(b"\n\n")[2].rstrip()
