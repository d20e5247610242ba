"""Understand one mail. Pure: bytes in, a draft out."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message
from typing import Final

from guichet.channel.draft import Draft, DraftFile
from guichet.channel.envelope import Envelope
from guichet.channel.text import clean_text
from guichet.contracts.inbound import Automatic, Channel
from guichet.contracts.inbound_content import Identifier, IdentifierKind, InboundContent, MailThread
from guichet.errors import PermanentError
from guichet.privacy.normalised import comparable
from ingest_email.authentication import author_verdict
from ingest_email.headers import Headers, Mailbox
from ingest_email.machine_mail import Arrival, judge_automatic
from ingest_email.mail_identity import MailTraits, traits_of
from ingest_email.mail_parts import Leaf, files_of, letter_leaves, letter_of, read_leaves
from ingest_email.mail_tree import cut_tree, read_tree
from ingest_email.town_mailboxes import TownMailboxes

MOST_FILES = 100
MOST_ADDRESSES = 200
MOST_REFERENCES = 200
SUBJECT_CHARS = 1000  # RFC 5322 allows 998 a line
WHOLE_MAIL = "courriel-complet.eml"
QUICK_HEADERS: Final = {  # characters
    **dict.fromkeys(("content-type", "content-disposition", "content-transfer-encoding"), 512),
    **dict.fromkeys(("from", "sender", "reply-to", "to", "cc"), 4096),
}
QUICK_BYTES, QUICK_HEAD_BYTES, QUICK_BOUNDARIES = 64 * 1024, 16 * 1024, 50


@dataclass(frozen=True)
class Reading:
    """What a mail says. traits: of which its id is made, under a key that who reads it need not know."""

    traits: MailTraits
    accounts: tuple[str, ...]
    content: InboundContent = field(repr=False)
    automatic: Automatic | None
    files: tuple[DraftFile, ...]


@dataclass(frozen=True)
class MailReader:
    """What a mail is read against. authserv_id: our mail server's name in Authentication-Results, if it has one."""

    mailboxes: TownMailboxes
    message_id_key: bytes = field(repr=False)
    authserv_id: str | None = None

    def read(self, envelope: Envelope, received_at: datetime) -> Draft:
        """Return the draft of a mail. Raises as `understand` does."""
        return self.named(self.understand(envelope), received_at)

    def understand(self, envelope: Envelope) -> Reading:
        """Return what a mail says.

        Raises PermanentError for one that nobody sent, that reaches no mailbox of the town, or that is nested without
        end. Everything else, however crooked, is read.
        """
        mail = read_tree(envelope.content)
        return self._understood(mail, read_leaves(mail), envelope)

    def understand_quickly(self, envelope: Envelope) -> Reading | None:
        """Return what a small mail says that is read within a few milliseconds whatever it holds; None for any other.

        Nothing about it is crooked, and what there is to read in it is plain text.
        """
        content = envelope.content
        if len(content) > QUICK_BYTES or content.find(b"\r\n\r\n") > QUICK_HEAD_BYTES:
            return None
        if content.count(b"\r\n--") > QUICK_BOUNDARIES or (mail := cut_tree(content)) is None:
            return None
        if not all(map(_is_modest, mail.walk())):
            return None
        leaves = read_leaves(mail)
        is_plain = all(leaf.content_type == "text/plain" for leaf in letter_leaves(leaves))
        return self._understood(mail, leaves, envelope) if is_plain else None

    def named(self, reading: Reading, received_at: datetime) -> Draft:
        """Return the draft of a mail that was understood."""
        author = reading.content.sender[-1]
        return Draft(
            channel=Channel.EMAIL,
            accounts=reading.accounts,
            message_id=reading.traits.named(self.message_id_key),
            content=reading.content,
            received_at=received_at,
            sender_key_value=comparable(author),
            automatic=reading.automatic,
            files=reading.files,
        )

    def _understood(self, mail: Message, leaves: list[Leaf], envelope: Envelope) -> Reading:
        headers = Headers.of(mail)
        addressees = [*_addressees(headers), *envelope.recipients]
        senders = senders_of(headers, envelope, self.mailboxes)
        return Reading(
            traits=traits_of(headers, leaves),
            accounts=self._accounts(addressees),
            content=InboundContent(
                sender=tuple(Identifier(kind=IdentifierKind.EMAIL, value=each.address) for each in senders),
                display_name=senders[-1].name or None,
                subject=headers.text("subject")[:SUBJECT_CHARS] or None,
                text=letter_of(leaves),
                thread=self._thread(headers, addressees),
                written_at=headers.date(),
            ),
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


def _is_modest(part: Message) -> bool:
    """Return whether the headers that are read several times are short, and the body in no rare encoding."""
    lengths = {name.lower(): len(value) for name, value in part.raw_items()}
    encoding = str(part.get("content-transfer-encoding", "")).lower()
    return "uu" not in encoding and all(lengths.get(name, 0) <= most for name, most in QUICK_HEADERS.items())


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
