"""What can be told of a mail that broke its reader: a few headers, read within bounds. Pure."""

from dataclasses import dataclass, field
from datetime import datetime

from guichet.channel.draft import Draft, DraftFile
from guichet.channel.envelope import Envelope
from guichet.contracts.inbound import Channel
from guichet.contracts.inbound_content import Identifier, IdentifierKind, InboundContent, MailThread
from guichet.privacy.normal_form import comparable
from ingest_email.domain.authentication import author_verdict
from ingest_email.domain.machine_mail import Arrival, judge_automatic
from ingest_email.domain.mail_head import read_head
from ingest_email.domain.mail_identity import id_of
from ingest_email.domain.parse_mail import SUBJECT_CHARS, WHOLE_MAIL, senders_of
from ingest_email.domain.town_mailboxes import TownMailboxes


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
        accounts = self.mailboxes.addressed(envelope.recipients)
        senders = senders_of(headers, envelope, self.mailboxes)
        content_type = headers.first("content-type").partition(";")[0].strip().lower()
        author = Identifier(kind=IdentifierKind.EMAIL, value=senders[-1].address)
        return Draft(
            channel=Channel.EMAIL,
            accounts=accounts,
            message_id=id_of(envelope.content, self.message_id_key),
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
