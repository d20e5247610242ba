"""Understand one mail. Pure: bytes in, a draft out."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message

from guichet.channel.draft import Draft, DraftFile
from guichet.channel.envelope import Envelope
from guichet.channel.text import clean_text
from guichet.contracts.inbound import Channel
from guichet.contracts.inbound_content import Identifier, IdentifierKind, InboundContent, MailThread
from guichet.errors import PermanentError
from guichet.privacy.normalised import comparable
from ingest_email.authentication import author_verdict
from ingest_email.headers import Headers, Mailbox
from ingest_email.machine_mail import Arrival, judge_automatic
from ingest_email.mail_identity import identify
from ingest_email.mail_parts import Leaf, files_of, letter_of, read_leaves
from ingest_email.mail_tree import read_tree
from ingest_email.town_mailboxes import TownMailboxes

MOST_FILES = 100
MOST_ADDRESSES = 200
MOST_REFERENCES = 200
SUBJECT_CHARS = 1000  # RFC 5322 allows 998 a line
WHOLE_MAIL = "courriel-complet.eml"
MOST_COMPARISONS = 50_000_000  # at each line Python's parser tries every boundary that is open, at 0.3 µs: 15 s
QUICK_BYTES, QUICK_COMPARISONS = 64 * 1024, 10_000


@dataclass(frozen=True)
class MailReader:
    """What a mail is read against. authserv_id: our mail server's name in Authentication-Results, if it has one."""

    mailboxes: TownMailboxes
    message_id_key: bytes = field(repr=False)
    authserv_id: str | None = None

    def read(self, envelope: Envelope, received_at: datetime) -> Draft:
        """Return the draft of a mail.

        Raises PermanentError for one that nobody sent, that reaches no mailbox of the town, or that is nested without
        end or to keep us busy. Everything else, however crooked, is read.
        """
        if _comparisons(envelope.content) > MOST_COMPARISONS:
            raise PermanentError("too many boundaries for so many lines", reason="unreadable")
        try:
            return self._draft(read_tree(envelope.content), envelope, received_at)
        except RecursionError as exc:
            raise PermanentError("parts nested too deep", reason="unreadable") from exc

    def _draft(self, mail: Message, envelope: Envelope, received_at: datetime) -> Draft:
        headers, leaves = Headers(mail), read_leaves(mail)
        addressees = [*_addressees(headers), *envelope.recipients]
        senders = _senders(headers, envelope, self.mailboxes)
        return Draft(
            channel=Channel.EMAIL,
            accounts=self._accounts(addressees),
            message_id=identify(self.message_id_key, headers, leaves),
            content=InboundContent(
                sender=tuple(Identifier(kind=IdentifierKind.EMAIL, value=each.address) for each in senders),
                display_name=senders[-1].name or None,
                subject=headers.text("subject")[:SUBJECT_CHARS] or None,
                text=letter_of(leaves),
                thread=self._thread(headers, addressees),
                written_at=headers.date(),
            ),
            received_at=received_at,
            sender_key_value=comparable(Identifier(kind=IdentifierKind.EMAIL, value=senders[-1].address)),
            automatic=judge_automatic(
                Arrival(headers, envelope.return_path, mail.get_content_type(), self.mailboxes.domain)
            ),
            files=_files(headers, leaves, envelope),
        )

    def _accounts(self, addressees: list[str]) -> tuple[str, ...]:
        """Name every mailbox of the town that the mail is for, in the headers' order: the same at each delivery."""
        accounts = _once(found for address in addressees if (found := self.mailboxes.find(address)))
        if not accounts:
            raise PermanentError("no mailbox of the town is addressed", reason="unknown-mailbox")
        return accounts

    def _thread(self, headers: Headers, addressees: list[str]) -> MailThread:
        """Read the threading headers. The verdict vouches for From alone: nobody vouches for a Reply-To."""
        return MailThread(
            message_id=next(iter(headers.message_ids("message-id")), None),
            in_reply_to=headers.message_ids("in-reply-to")[:MOST_REFERENCES],
            references=_first_and_last(headers.message_ids("references")),
            to_addresses=_once(map(clean_text, addressees))[:MOST_ADDRESSES],
            authenticated=author_verdict(headers, self.authserv_id),
        )


def is_quick(content: bytes) -> bool:
    """Return whether a mail is read within a few milliseconds, whatever it holds."""
    return len(content) <= QUICK_BYTES and _comparisons(content) <= QUICK_COMPARISONS


def _comparisons(content: bytes) -> int:
    """Return at the most how often the parser will hold a line against a boundary."""
    return content.count(b"\n") * content.lower().count(b"boundary")


def _senders(headers: Headers, envelope: Envelope, ours: TownMailboxes) -> list[Mailbox]:
    """Return where an answer goes, then who wrote, when these differ; a Reply-To of the town itself is no place."""
    written_by = (headers.mailboxes("from") or headers.mailboxes("sender"))[:1]
    answer_to = [each for each in headers.mailboxes("reply-to") if not ours.find(each.address)][:1]
    envelope_sender = clean_text(envelope.return_path.strip("<> "))
    fallback = [Mailbox("", envelope_sender)] if envelope_sender else answer_to
    author = written_by or fallback
    if not author:
        raise PermanentError("neither From nor envelope names a sender", reason="no-sender")
    differs = [each for each in answer_to if each.address.lower() != author[0].address.lower()]
    return [*differs, *author]


def _addressees(headers: Headers) -> list[str]:
    return [each.address for name in ("to", "cc") for each in headers.mailboxes(name)]


def _files(headers: Headers, leaves: list[Leaf], envelope: Envelope) -> tuple[DraftFile, ...]:
    """Return the files; where they are too many, or the subject too long, the whole mail is one of them."""
    files = files_of(leaves)
    if len(files) <= MOST_FILES and len(headers.first("subject")) <= SUBJECT_CHARS:
        return files
    return (*files[: MOST_FILES - 1], DraftFile(WHOLE_MAIL, "message/rfc822", envelope.content))


def _first_and_last(references: tuple[str, ...]) -> tuple[str, ...]:
    """Keep both ends of an endless References header: the root claims the thread, the last is the parent."""
    if len(references) <= MOST_REFERENCES:
        return references
    return references[:1] + references[1 - MOST_REFERENCES :]


def _once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
