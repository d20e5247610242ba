"""Which mail this is, the same at each delivery and in each of the town's mailboxes. Pure."""

import hashlib

from guichet.contracts.base import Contract
from guichet.ids import MessageId
from guichet.privacy.framing import framed
from guichet.privacy.pseudonyms import mail_message_id
from ingest_email.headers import Headers
from ingest_email.mail_parts import Leaf


class MailTraits(Contract):
    """What tells a mail from others."""

    message_id: str
    sender: str
    date: str
    parts_digest: str

    def named(self, key: bytes) -> MessageId:
        """Return the mail's id. key: of message ids."""
        return mail_message_id(
            key, message_id=self.message_id, sender=self.sender, date=self.date, parts_digest=self.parts_digest
        )


def traits_of(headers: Headers, leaves: list[Leaf]) -> MailTraits:
    """Return what the mail's id covers: Message-ID, From, Date and the decoded parts, and no trace header.

    A mail without Message-ID is told apart by its Subject as well, one without Date too by the trace headers: two such
    mails of equal words may be two requests, and a queued mail that comes again brings the same trace.
    """
    named_by_sender = headers.first("message-id").strip()
    date = headers.first("date").strip()
    rest = [] if named_by_sender else headers.all("subject")
    trace = [] if named_by_sender or date else headers.all("received")
    return MailTraits(
        message_id=named_by_sender,
        sender=headers.first("from").strip(),
        date=date,
        parts_digest=_digest(leaves, *rest, *trace),
    )


def _digest(leaves: list[Leaf], *rest: str) -> str:
    parts = (framed(leaf.content_type, leaf.name or "", _as_sent(leaf)) for leaf in leaves)
    return hashlib.sha256(framed(*parts, *rest)).hexdigest()


def _as_sent(leaf: Leaf) -> bytes:
    """Return the part without what mail servers change on the way: line ends, and blank lines at the end."""
    if not leaf.content_type.startswith(("text/", "message/")):
        return leaf.content
    return leaf.content.replace(b"\r\n", b"\n").rstrip()
