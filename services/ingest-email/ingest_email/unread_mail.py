"""What can be told of a mail that broke its reader: a few headers, read line by line within bounds. Pure."""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from guichet.channel.draft import Draft, DraftFile
from guichet.channel.envelope import Envelope
from guichet.contracts.inbound import Channel
from guichet.contracts.inbound_content import Identifier, IdentifierKind, InboundContent, MailThread
from guichet.errors import PermanentError
from guichet.privacy.normalised import comparable
from guichet.privacy.pseudonyms import mail_message_id
from ingest_email.authentication import LONGEST_RESULTS, author_verdict
from ingest_email.headers import LINE_CHARS, Headers
from ingest_email.machine_mail import Arrival, judge_automatic
from ingest_email.parse_mail import SUBJECT_CHARS, WHOLE_MAIL, senders_of
from ingest_email.town_mailboxes import TownMailboxes

HEAD_BYTES: Final = 16 * 1024  # usual heads are a third of it
MOST_HEADERS: Final = 200
_ROOM: Final = {"authentication-results": LONGEST_RESULTS + 1}  # cut shorter, a refusal would be lost
_FIELD: Final = re.compile(r"([!-9;-~]{1,76}):[ \t]*([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)")  # RFC 5322 2.2


@dataclass(frozen=True)
class MailSalvage:
    """What an unread mail is held against."""

    mailboxes: TownMailboxes
    message_id_key: bytes = field(repr=False)
    authserv_id: str | None = None

    def draft(self, envelope: Envelope, received_at: datetime) -> Draft:
        """Return who sent it, its subject and its id, the mail itself as a file.

        It joins no case: what it answers is for a person to see. Raises PermanentError where nobody sent it, or to none
        of the town's mailboxes.
        """
        headers = read_head(envelope.content)
        accounts = tuple(dict.fromkeys(filter(None, map(self.mailboxes.find, envelope.recipients))))
        if not accounts:
            raise PermanentError("no mailbox of the town is addressed", reason="unknown-mailbox")
        senders = senders_of(headers, envelope, self.mailboxes)
        content_type = headers.first("content-type").partition(";")[0].strip().lower()
        author = Identifier(kind=IdentifierKind.EMAIL, value=senders[-1].address)
        return Draft(
            channel=Channel.EMAIL,
            accounts=accounts,
            message_id=mail_message_id(
                self.message_id_key,
                message_id=headers.first("message-id").strip(),
                sender=headers.first("from").strip(),
                date=headers.first("date").strip(),
                parts_digest=f"unread {_digest(envelope.content)}",
            ),
            content=InboundContent(
                sender=tuple(Identifier(kind=IdentifierKind.EMAIL, value=each.address) for each in senders),
                display_name=senders[-1].name or None,
                subject=headers.text("subject")[:SUBJECT_CHARS] or None,
                text="",
                thread=MailThread(
                    message_id=next(iter(headers.message_ids("message-id")), None),
                    # Whoever breaks the reader loses no refusal by it, and proves nothing.
                    authenticated=False if author_verdict(headers, self.authserv_id) is False else None,
                ),
                written_at=headers.date(),
            ),
            received_at=received_at,
            sender_key_value=comparable(author),
            automatic=judge_automatic(Arrival(headers, envelope.return_path, content_type, self.mailboxes.domain)),
            files=(DraftFile(WHOLE_MAIL, "message/rfc822", envelope.content),),
        )


def read_head(content: bytes) -> Headers:
    """Return the first headers of a mail, each cut to what a line holds."""
    head = content[:HEAD_BYTES].replace(b"\r\n", b"\n").partition(b"\n\n")[0].decode("utf-8", "surrogateescape")
    fields = (found.groups() for found, _ in zip(_FIELD.finditer(head), range(MOST_HEADERS), strict=False))
    return Headers((name, value[: _ROOM.get(name.lower(), LINE_CHARS)]) for name, value in fields)


def _digest(content: bytes) -> str:
    """Return a digest of the body, which no mail server changes on the way but for line ends."""
    body = content.replace(b"\r\n", b"\n").partition(b"\n\n")[2]
    return hashlib.sha256(body.rstrip()).hexdigest()
