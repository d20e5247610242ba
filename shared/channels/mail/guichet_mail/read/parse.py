"""Understand one mail, or tell what can be told of one that broke its reader. Pure: bytes in, a draft out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.message import Message

from guichet.channel.date_of_receipt import DateOfReceipt, date_of_receipt
from guichet.channel.draft import Draft, DraftFile
from guichet.channel.envelope import Envelope
from guichet.channel.text import clean_text
from guichet.contracts.delivery import DeliveryReported, mail_message_id
from guichet.contracts.inbound import Automatic, DateSource, Suspicion
from guichet.contracts.inbound_content import MAIL_ADDRESS, Identifier, InboundContent, MailThread, Remark
from guichet.errors import PermanentError
from guichet.ids import EventId, MessageId, derive_id
from guichet.privacy.normal_form import comparable
from guichet_mail.read.contents import contents_of, plain_contents
from guichet_mail.read.headers import Headers, Mailbox, read_head
from guichet_mail.read.identity import id_of
from guichet_mail.read.machine import Arrival, judge_automatic
from guichet_mail.read.own.own_system import UNKNOWN, OwnSystem
from guichet_mail.read.parts import read_leaves
from guichet_mail.read.rare.opened import Contents
from guichet_mail.read.returned.outcome import MAY_REPORT, Outcome
from guichet_mail.read.small import SmallMail
from guichet_mail.read.tree import read_tree
from guichet_mail.town_mailboxes import TownMailboxes

MOST_FILES = 100
MOST_ADDRESSES = 200
MOST_REFERENCES = 200
SUBJECT_CHARS = 1000  # RFC 5322 allows 998 a line
WHOLE_MAIL = "courriel-complet.eml"
# Of such a mail, what was read is not all: the whole of it is one of its files.
NOT_WHOLE = frozenset({Remark.ENCRYPTED, Remark.SEVERAL_AUTHORS, Remark.UNOPENED, Remark.CUT_SHORT})


@dataclass(frozen=True)
class Reading:
    """What a mail says. suspended: why it waits for a person, by what our own mail system says. outcome: what became of
    a letter of ours, where a mail system reports it."""

    accounts: tuple[str, ...]
    content: InboundContent = field(repr=False)
    automatic: Automatic | None
    files: tuple[DraftFile, ...]
    suspended: Suspicion | None = None
    outcome: Outcome | None = None


@dataclass(frozen=True)
class MailReader:
    """What a mail is read against. own: by the way of a mail (`Envelope`), the mail system that it comes from."""

    mailboxes: TownMailboxes
    message_id_key: bytes = field(repr=False)
    own: Mapping[str, OwnSystem] = field(default_factory=dict)

    def read(self, envelope: Envelope, arrived_at: datetime) -> Draft:
        """Return the draft of a mail. Raises as `understand` does."""
        message_id = id_of(envelope.content, self.message_id_key)
        return self.named(self.understand(envelope), envelope, message_id, arrived_at)

    def understand(self, envelope: Envelope) -> Reading:
        """Return what a mail says.

        Raises PermanentError for one that nobody sent, that reaches no mailbox of the town, or that has parts or lines
        without end. Everything else, however crooked, is read.
        """
        mail = read_tree(envelope.content)
        headers, leaves = Headers.of(mail), read_leaves(mail)
        reading = self._understood(mail, headers, contents_of(mail, leaves), envelope)
        if reading.automatic not in MAY_REPORT:
            return reading
        from guichet_mail.read.returned.report import outcome_in  # noqa: PLC0415  a library for reader processes alone

        return replace(reading, outcome=outcome_in(envelope.content, headers, leaves, self.mailboxes.domain))

    def understand_plain(self, small: SmallMail, envelope: Envelope) -> Reading | None:
        """Return what a small mail says whose letter is plain text, in milliseconds; None for another.

        What may report on a letter of ours is no such mail: the library that reads it is no match for hostile ones.
        """
        if not small.is_plain():
            return None
        reading = self._understood(small.mail, small.headers, plain_contents(small.leaves), envelope)
        return None if reading.automatic in MAY_REPORT else reading

    def named(self, reading: Reading, envelope: Envelope, message_id: MessageId, arrived_at: datetime) -> Draft:
        """Return the draft of a mail that has been read, whole or only in what tells who sent it where.

        Which mail it is, and when it was received in law, no reader process is asked.
        """
        author, received = reading.content.sender[-1], self._received(reading, envelope, arrived_at)
        return Draft(
            channel="email",
            accounts=reading.accounts,
            message_id=message_id,
            content=reading.content,
            received_at=received.at,
            sender_key_value=comparable(author),
            automatic=reading.automatic,
            files=reading.files,
            arrived_at=arrived_at,
            dated_by=received.by,
            date_doubt=received.doubt,
            suspended=reading.suspended,
            reports=self._reports(reading, message_id, arrived_at),
        )

    def salvage(self, envelope: Envelope, arrived_at: datetime) -> Draft:
        """Return what a few headers tell of a mail that broke its reader, the whole mail being its file.

        It joins no case: what it answers is for a person to see. Raises PermanentError where nobody sent it, or to none
        of the town's mailboxes.
        """
        headers, own = read_head(envelope.content), self._own(envelope)
        content_type = headers.first("content-type").partition(";")[0].strip().lower()
        thread = MailThread(
            message_id=next(iter(headers.message_ids("message-id")), None),
            # Whoever breaks the reader loses no refusal by it, and proves nothing.
            authenticated=False if own.author_verdict(headers) is False else None,
        )
        told = Reading(
            accounts=self.mailboxes.addressed(envelope.recipients),
            content=self._content(headers, envelope, "", thread),
            automatic=self._automatic(headers, envelope, content_type),
            files=_with_the_whole((), envelope),
            suspended=own.suspicion(headers),
        )
        return self.named(told, envelope, id_of(envelope.content, self.message_id_key), arrived_at)

    def _understood(self, mail: Message, headers: Headers, found: Contents, envelope: Envelope) -> Reading:
        addressees = [*_addressees(headers), *envelope.recipients]  # in the headers' order: the same at each delivery
        remarks, own = remarks_of(found, headers), self._own(envelope)
        thread = _thread(headers, addressees, own.author_verdict(headers))
        content = self._content(headers, envelope, found.text, thread, remarks)
        return Reading(
            accounts=self.mailboxes.addressed(addressees),
            content=content,
            automatic=self._automatic(headers, envelope, mail.get_content_type()),
            files=_with_the_whole(found.files, envelope) if NOT_WHOLE.intersection(remarks) else found.files,
            suspended=own.suspicion(headers),
        )

    def _reports(self, reading: Reading, message_id: MessageId, arrived_at: datetime) -> tuple[DeliveryReported, ...]:
        """Return what a mail reports, for the notifier; of one that waits for a person, nothing. Always the same id."""
        outcome = reading.outcome
        if outcome is None or reading.suspended is not None:
            return ()
        said = DeliveryReported(
            event_id=EventId(derive_id("delivery-report", outcome.outbound_id, message_id, outcome.action)),
            occurred_at=arrived_at,
            outbound_id=outcome.outbound_id,
            channel="email",
            provider_id=mail_message_id(outcome.outbound_id, self.mailboxes.domain),
            status=outcome.action,
            error_code=outcome.code,
        )
        return (said,)

    def _own(self, envelope: Envelope) -> OwnSystem:
        return self.own.get(envelope.way, UNKNOWN)

    def _received(self, reading: Reading, envelope: Envelope, arrived_at: datetime) -> DateOfReceipt:
        """Return the date of receipt: our own mail system's, else the mailbox's, else that of arrival."""
        said, by, own = envelope.internal_date, DateSource.MAILBOX, self._own(envelope)
        if own.received_by and (taken_at := own.taken_at(read_head(envelope.content))):
            said, by = taken_at, DateSource.RELAY
        return date_of_receipt(arrived_at, said, by, reading.content.written_at)

    def _content(
        self, headers: Headers, envelope: Envelope, text: str, thread: MailThread, remarks: tuple[Remark, ...] = ()
    ) -> InboundContent:
        senders = senders_of(headers, envelope, self.mailboxes)
        return InboundContent(
            sender=tuple(Identifier(kind=MAIL_ADDRESS, value=each.address) for each in senders),
            display_name=senders[-1].name or None,
            subject=headers.text("subject")[:SUBJECT_CHARS] or None,
            text=text,
            thread=thread,
            remarks=remarks,
            written_at=headers.date(),
        )

    def _automatic(self, headers: Headers, envelope: Envelope, content_type: str) -> Automatic | None:
        return judge_automatic(Arrival(headers, envelope.return_path, content_type, self.mailboxes.domain))


def _thread(headers: Headers, addressees: list[str], verdict: bool | None) -> MailThread:
    """Read the threading headers. The verdict vouches for From alone: nobody vouches for a Reply-To."""
    return MailThread(
        message_id=next(iter(headers.message_ids("message-id")), None),
        in_reply_to=headers.message_ids("in-reply-to")[:MOST_REFERENCES],
        references=_first_and_last(headers.message_ids("references")),
        to_addresses=tuple(dict.fromkeys(map(clean_text, addressees)))[:MOST_ADDRESSES],
        authenticated=verdict,
    )


def senders_of(headers: Headers, envelope: Envelope, ours: TownMailboxes) -> list[Mailbox]:
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


def remarks_of(found: Contents, headers: Headers) -> tuple[Remark, ...]:
    """Return what an agent should know of how a mail came."""
    remarks, authors = [*found.remarks], headers.mailboxes("from")
    if headers.count("from") > 1 or (len(authors) > 1 and len({each.address.lower() for each in authors}) > 1):
        remarks.append(Remark.SEVERAL_AUTHORS)
    if len(headers.first("subject")) > SUBJECT_CHARS or len(found.files) > MOST_FILES:
        remarks.append(Remark.CUT_SHORT)
    return tuple(dict.fromkeys(remarks))


def _addressees(headers: Headers) -> list[str]:
    return [each.address for name in ("to", "cc") for each in headers.mailboxes(name)]


def _with_the_whole(files: tuple[DraftFile, ...], envelope: Envelope) -> tuple[DraftFile, ...]:
    """Return as many files as a record names, the last of them the mail as it came."""
    return (*files[: MOST_FILES - 1], DraftFile(WHOLE_MAIL, "message/rfc822", envelope.content))


def _first_and_last(references: tuple[str, ...]) -> tuple[str, ...]:
    """Keep both ends of an endless References header: the root claims the thread, the last is the parent."""
    if len(references) <= MOST_REFERENCES:
        return references
    return references[:1] + references[1 - MOST_REFERENCES :]
