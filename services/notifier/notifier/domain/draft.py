"""From an intent and what lies in the store to a letter. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, cast

from guichet.case.record import CaseRecord
from guichet.channel.stop_words import is_stop
from guichet.contracts.authorship import proves_where_answers_go, written_by
from guichet.contracts.base import Sealed
from guichet.contracts.channels import Form, KnownChannels
from guichet.contracts.delivery import Purpose
from guichet.contracts.inbound import ChannelName
from guichet.contracts.inbound_content import Identifier, InboundContent, MailThread
from guichet.errors import ErasedError, GuichetError, PermanentError, TransientError
from guichet.ids import CaseId, MessageId
from guichet.privacy.follow_link import FollowLink
from guichet.privacy.normal_form import comparable
from guichet.store.cases.fields import LINK
from guichet.store.deliveries.document import LEGAL_RECEIPTS, DeliveryDocument
from guichet.store.messages.document import INBOUND_CONTENT, OUTBOUND_CONTENT, MessageDocument, OutboundContent
from guichet.town.continued import continued
from guichet.vault.fields import Keys, M, SealedField
from guichet.vault.sealing import DataKey
from notifier.domain.changes import OUTDATED, still_holds
from notifier.domain.unfinished_letter import EnclosedFile, UnfinishedLetter
from notifier.domain.wording import Wording

_ATOMS: Final = r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*"  # dot-atom-text
_STRICT_ID: Final = re.compile(rf"{_ATOMS}@({_ATOMS}|\[[\w.:-]+\])", re.ASCII)  # msg-id (RFC 5322 3.6.4)
_LONGEST_ID: Final = 200  # mail programs' own have some eighty characters


class OutdatedError(GuichetError):
    """What the letter was to say is so no more, and something else says how it is."""

    reason: Final = OUTDATED


class TooManyChangesError(GuichetError):
    """As many letters about changes went to the case's citizen today as may (docs/decisions/0109)."""

    reason: Final = "too-many-changes"


class NotWantedError(GuichetError):
    """What is answered says nothing but that its author wants no more messages: no receipt is owed for it."""

    reason: Final = "stopped"


class AddressGoneError(TransientError):
    """The mail whose author was to get a letter instead is erased: it goes another way."""


@dataclass(frozen=True)
class Found:
    """What the store held for some intents, read for one round and thrown away after it. keys: the living ones.

    What is missing was erased (ErasedError).
    """

    cases: Mapping[CaseId, CaseRecord]
    messages: Mapping[MessageId, MessageDocument]
    keys: Keys
    channels: KnownChannels
    _opened: dict[tuple[MessageId, SealedField[Any]], Any] = field(default_factory=dict, repr=False, compare=False)

    def case_of(self, delivery: DeliveryDocument) -> CaseRecord:
        """Return the case of an intent."""
        case = self.cases.get(delivery.case_id)
        if case is None or case.erasing:
            raise ErasedError(f"case {delivery.case_id} is erased")
        return case

    def opened(self, message_id: MessageId, content: SealedField[M]) -> M:
        """Return what a message says. It is opened once, however often it is asked for."""
        if (message_id, content) not in self._opened:
            sealed = content.on(message_id, self.message(message_id).content)
            self._opened[message_id, content] = sealed.open(self.keys)
        return cast("M", self._opened[message_id, content])

    def recipient_of(self, delivery: DeliveryDocument) -> Identifier:
        """Return who an intent's letter goes to; a decision about an author, to the author.

        Raises PermanentError, AddressGoneError.
        """
        if delivery.instead is not None:
            return self._author_instead(delivery.instead)
        wanted = self.channels[delivery.channel].kind
        assert wanted is not None  # what cannot be answered electronically is withheld before
        recipient = self._written_to(delivery)
        if recipient is None or recipient.kind != wanted.name:
            raise PermanentError(f"the sender left no {wanted.name} address", reason="no-address")
        return recipient

    def _written_to(self, delivery: DeliveryDocument) -> Identifier | None:
        if delivery.to_chosen:
            return self.opened(delivery.outbound_id, OUTBOUND_CONTENT).to
        inbound = self.opened(delivery.answers, INBOUND_CONTENT)
        if delivery.purpose is Purpose.ABUSE:
            return written_by(inbound, None)
        return inbound.sender[0] if inbound.sender else None

    def _author_instead(self, mail: MessageId) -> Identifier:
        try:
            return self.opened(mail, INBOUND_CONTENT).sender[0]
        except ErasedError as exc:
            raise AddressGoneError("the mail that gave the address is erased") from exc

    def goes_to_its_author(self, delivery: DeliveryDocument) -> bool:
        """Return whether an intent's letter goes to who is proven to have written the message that it answers."""
        channel, inbound = self.channel_of(delivery.answers), self.opened(delivery.answers, INBOUND_CONTENT)
        return proves_where_answers_go(inbound, self.channels[channel])

    def goes_to_its_sender(self, delivery: DeliveryDocument) -> bool:
        """Return whether an answer goes where the message that it answers was written. Raises PermanentError."""
        inbound = self.opened(delivery.answers, INBOUND_CONTENT)
        author, to = written_by(inbound, None), self.recipient_of(delivery)
        return author is not None and (author.kind, comparable(author)) == (to.kind, comparable(to))

    def says_stop(self, message_id: MessageId) -> bool:
        """Return whether a message is nothing but a word by which its author wants no more of them.

        Whoever sends a photo of the fallen sign with it, or where it stands, has a request.
        """
        message = self.message(message_id)
        words = self.channels[message.channel].stop_words
        if not words or message.attachments:
            return False
        said = self.opened(message_id, INBOUND_CONTENT)
        return said.location is None and is_stop(said.text, words)

    def link_of(self, case: CaseRecord) -> FollowLink:
        """Return the link of a case. Raises TransientError where `guichet migrate` has still to give it one."""
        if case.link is None:
            raise TransientError(f"case {case.case_id} has no link secret: run `guichet migrate`")
        return LINK.on(case.case_id, case.link).open(self.keys)

    def channel_of(self, message_id: MessageId) -> ChannelName:
        """Return the channel that a message came on."""
        return self.message(message_id).channel

    def message(self, message_id: MessageId) -> MessageDocument:
        """Return a message."""
        message = self.messages.get(message_id)
        if message is None:
            raise ErasedError(f"message {message_id} is gone")
        return message


@dataclass(frozen=True)
class DraftedLetter:
    """A letter. words: of a receipt whose words are not kept yet; no letter leaves before they are."""

    letter: UnfinishedLetter
    words: OutboundContent | None = None


def draft(delivery: DeliveryDocument, found: Found, wording: Wording) -> DraftedLetter:
    """Return the letter of an intent, with the words that are kept or, of a new receipt, with new ones.

    Raises ErasedError when its case, its words or the message that it answers are gone, PermanentError (no-address)
    when the citizen left no address for the channel, NotWantedError where all that is answered is a citizen's STOP,
    OutdatedError where the change of a case that it would tell of was followed by another.
    """
    case, inbound = found.case_of(delivery), found.opened(delivery.answers, INBOUND_CONTENT)
    if delivery.purpose in (*LEGAL_RECEIPTS, Purpose.CHANGE) and found.says_stop(delivery.answers):
        raise NotWantedError("nothing was asked for but that the messages end")
    if delivery.purpose is Purpose.REPLY:
        reply = found.opened(delivery.outbound_id, OUTBOUND_CONTENT)
        if delivery.in_parts:
            return DraftedLetter(_part(delivery, found, inbound, wording, _said(delivery, case, reply, wording)))
        count, link = len(found.message(delivery.outbound_id).attachments), found.link_of(case)
        said, came_on = _said(delivery, case, reply, wording), found.channel_of(delivery.answers)
        text = continued(said, came_on, delivery.channel, wording.town)
        subject = inbound.subject if _repeats(delivery, found) else None
        words = wording.reply(case, link, delivery.channel, text, subject, count, reply.question)
        return DraftedLetter(replace(_letter(delivery, found, inbound, words), files=_files(delivery, found, reply)))
    if delivery.change is not None and delivery.copies == 0 and not still_holds(delivery.change, case):
        raise OutdatedError(f"case {case.case_id} is no longer {delivery.change.kind}")  # and no copy said that it was
    if delivery.outbound_id in found.messages:
        return kept(delivery, found, wording)
    if delivery.notice is not None:
        words = wording.abuse_notice(case, delivery.channel, delivery.notice)
        return DraftedLetter(_letter(delivery, found, inbound, words), words)
    is_mail = found.channels[delivery.channel].form is Form.MAIL
    subject = inbound.subject if is_mail and _repeats(delivery, found) else None
    words = _new_words(delivery, found, wording, subject)
    return DraftedLetter(_whole(delivery, _letter(delivery, found, inbound, words), wording), words)


def _new_words(delivery: DeliveryDocument, found: Found, wording: Wording, subject: str | None) -> OutboundContent:
    case, came_on = found.case_of(delivery), found.channel_of(delivery.answers)
    link, onto = found.link_of(case), delivery.channel
    if delivery.purpose is Purpose.LINK:
        return wording.new_link(case, link, onto, subject)
    if delivery.change is not None:
        words = wording.change(case, link, delivery, subject)
    elif delivery.acknowledgement is not None:
        words = wording.acknowledgement(case, link, onto, delivery.acknowledgement, subject)
    else:
        words = wording.receipt(case, link, onto, subject, came_on if delivery.after is not None else None)
    return wording.by_another_way(case, words, came_on, onto) if delivery.after is not None else words


def _said(delivery: DeliveryDocument, case: CaseRecord, reply: OutboundContent, wording: Wording) -> str:
    """Return an answer's words; where the case is closed behind it, with that, the same at every call."""
    if not delivery.closes:
        return reply.text
    return f"{reply.text.rstrip()}\n\n{wording.closing(case, delivery.channel, delivery.requested_at)}"


def kept(delivery: DeliveryDocument, found: Found, wording: Wording) -> DraftedLetter:
    """Return the letter of a receipt with the words that are kept. Raises as `draft` does."""
    inbound = found.opened(delivery.answers, INBOUND_CONTENT)
    words = found.opened(delivery.outbound_id, OUTBOUND_CONTENT)
    if delivery.instead is not None and delivery.after is None:
        case = found.case_of(delivery)
        came_on = found.channel_of(delivery.answers)
        words = wording.by_mail_instead(case, found.link_of(case), came_on, words, delivery.acknowledgement)
    return DraftedLetter(_whole(delivery, _letter(delivery, found, inbound, words), wording))


def sealed_words(delivery: DeliveryDocument, words: OutboundContent, key: DataKey) -> Sealed:
    """Seal the words of a receipt under a key of their own, so that `Found.opened` opens them."""
    return OUTBOUND_CONTENT.seal(key, delivery.outbound_id, words)


def _part(
    delivery: DeliveryDocument, found: Found, inbound: InboundContent, wording: Wording, text: str
) -> UnfinishedLetter:
    """Return the next part of an answer that goes whole."""
    case, sent = found.case_of(delivery), delivery.parts_sent
    parts = wording.in_parts(case, found.link_of(case), delivery.channel, text, begun=sent > 0)
    part = _letter(delivery, found, inbound, OutboundContent(text=parts[sent]))
    return replace(part, following=tuple(parts[sent + 1 :]))


def _whole(delivery: DeliveryDocument, letter: UnfinishedLetter, wording: Wording) -> UnfinishedLetter:
    """Return a receipt's letter, of an acknowledgement that goes in parts the next one: it is never cut short."""
    if not delivery.in_parts or wording.town.facts[delivery.channel].form is Form.MAIL:
        return letter
    parts, sent = wording.parts_of(delivery.channel, letter.text), delivery.parts_sent
    return replace(letter, text=parts[sent], following=tuple(parts[sent + 1 :]))


def _files(delivery: DeliveryDocument, found: Found, reply: OutboundContent) -> tuple[EnclosedFile, ...]:
    """Return what an answer encloses, by a channel whose letters may."""
    message = found.message(delivery.outbound_id)
    if found.channels[delivery.channel].form is not Form.MAIL:
        return ()
    return tuple(
        EnclosedFile(each, reply.attachment_names.get(each.attachment_id, ""), message.content)
        for each in message.attachments
    )


def _letter(
    delivery: DeliveryDocument, found: Found, inbound: InboundContent, words: OutboundContent
) -> UnfinishedLetter:
    return UnfinishedLetter(
        outbound_id=delivery.outbound_id,
        channel=delivery.channel,
        account=delivery.account,
        reference=found.case_of(delivery).reference,
        is_receipt=delivery.purpose is not Purpose.REPLY,
        recipient=found.recipient_of(delivery).value,
        subject=words.subject or "",
        text=words.text,
        thread=_thread(delivery, found, inbound),
    )


def _repeats(delivery: DeliveryDocument, found: Found) -> bool:
    """Return whether the letter may repeat what the citizen wrote: an agent's answer, or one to who surely wrote it.

    Guichet itself repeats nothing to an address that nobody vouches for: whoever wrote under it, or typed it into the
    form or a Reply-To, would have the town send their words to somebody else (docs/decisions/0020). To an address that
    its agent chose, an answer repeats nothing that another one wrote (docs/decisions/0084); nor does what goes another
    way than back (docs/decisions/0107).
    """
    if delivery.after is not None:
        return False
    if delivery.to_chosen:
        return found.goes_to_its_sender(delivery)
    return delivery.purpose is Purpose.REPLY or found.goes_to_its_author(delivery)


def _thread(delivery: DeliveryDocument, found: Found, inbound: InboundContent) -> MailThread | None:
    """Return the thread of the mail that is answered: of a stranger's, its own id alone, if it has the form of one.

    Another address than the one that began it has no such thread.
    """
    if inbound.thread is None or delivery.after is not None:
        return None
    if _repeats(delivery, found):
        return inbound.thread
    if delivery.to_chosen:
        return None
    own = inbound.thread.message_id or ""
    return MailThread(message_id=own) if len(own) <= _LONGEST_ID and _STRICT_ID.fullmatch(own) else None
