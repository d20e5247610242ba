"""What ties a message to others, read from its content. Pure.

Message-IDs become anchors (HMACs), addresses become tags in memory; the words themselves go no further.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from case_router.domain.keys import RouterKeys
from guichet.contracts.authorship import written_by
from guichet.contracts.channels import ChannelFacts, Form
from guichet.contracts.inbound_content import MAIL_ADDRESS, Identifier, InboundContent, MailThread
from guichet.ids import AnchorId, MessageId, Reference
from guichet.privacy.normal_form import comparable
from guichet.privacy.pseudonyms import conversation_anchor, mail_anchor, mail_head, own_anchor, person_tag
from guichet.privacy.subaddress import mailbox_of
from guichet.privacy.tokens import read_reply_address
from guichet.store.messages.document import MessageDocument

QUOTED_AT_MOST = 20  # Message-IDs of one mail that we follow: the root and the nearest; lists grow without end


@dataclass(frozen=True)
class ThreadMarks:
    """own: the message's own anchor. apart: one that no other message has, where its own takes no further claim.

    nearest_first: where to look for its thread. oldest_first: what it claims.

    sender, people: who wrote, and they and everybody addressed, the town left out; as tags that rest nowhere.
    trusted: False when the sender may be forged (DMARC failed). references: of signed addresses it was sent to.
    """

    own: AnchorId
    apart: AnchorId
    nearest_first: tuple[AnchorId, ...]
    oldest_first: tuple[AnchorId, ...]
    conversation: AnchorId | None
    sender: str | None
    people: frozenset[str]
    references: tuple[Reference, ...]
    trusted: bool


def read_marks(
    message: MessageDocument,
    content: InboundContent,
    facts: ChannelFacts,
    keys: RouterKeys,
    mailboxes: Collection[str],
) -> ThreadMarks:
    """Return a message's marks. facts: of its channel. mailboxes: the town's own addresses, in lower case."""
    thread = _thread(content, facts)
    own = _own(message, thread, keys.thread)
    answered = tuple(mail_anchor(keys.thread, each) for each in thread.in_reply_to)
    quoted = _quoted(thread, answered, keys.thread, own)
    author = written_by(content, message.automatic)
    sender = _tag(author, keys.thread) if author else None
    others = [  # where an answer goes, if elsewhere
        _tag(each, keys.thread) for each in content.sender if author is not None and each != author
    ]
    conversation = _conversation(message, content, keys.thread) if facts.is_conversation else None
    return ThreadMarks(
        own=own,
        apart=own_anchor(keys.thread, message.message_id),
        nearest_first=_nearest_first(answered, quoted),
        oldest_first=(*quoted, *((conversation,) if conversation else ()), own),
        conversation=conversation,
        sender=sender,
        people=frozenset((*_addressed(thread, keys.thread, mailboxes), *others, *filter(None, (sender,)))),
        references=tuple(filter(None, (read_reply_address(keys.reference, each) for each in thread.to_addresses))),
        trusted=thread.authenticated is not False,
    )


def head_of(
    message: MessageDocument, content: InboundContent, facts: ChannelFacts, keys: RouterKeys
) -> MessageId | None:
    """Return what every route's copy of a mail has alike, by Message-ID, author and date."""
    named, author = _thread(content, facts).message_id, written_by(content, message.automatic)
    if not named or author is None or content.written_at is None:
        return None
    return mail_head(keys.thread, named, comparable(author), content.written_at)


def _thread(content: InboundContent, facts: ChannelFacts) -> MailThread:
    """Return a mail's thread. Of a chat's message it proves nothing: its host alone says so, whoever was written to."""
    is_threaded = facts.form is Form.MAIL and not facts.is_conversation
    return content.thread if is_threaded and content.thread is not None else MailThread()


def _own(message: MessageDocument, thread: MailThread, key: bytes) -> AnchorId:
    return mail_anchor(key, thread.message_id) if thread.message_id else own_anchor(key, message.message_id)


def _quoted(thread: MailThread, answered: tuple[AnchorId, ...], key: bytes, own: AnchorId) -> tuple[AnchorId, ...]:
    """Return the anchors of References and In-Reply-To, oldest first, each once."""
    known = dict(zip(thread.in_reply_to, answered, strict=True))
    ids = list(dict.fromkeys((*thread.references, *thread.in_reply_to)))
    followed = ids[:1] + ids[1:][-(QUOTED_AT_MOST - 1) :]
    anchors = (known.get(each) or mail_anchor(key, each) for each in followed)
    return tuple(anchor for anchor in anchors if anchor != own)


def _nearest_first(answered: tuple[AnchorId, ...], quoted: tuple[AnchorId, ...]) -> tuple[AnchorId, ...]:
    """In-Reply-To goes before References, whose last is the nearest (RFC 5322 3.6.4)."""
    return tuple(dict.fromkeys((*(each for each in answered if each in quoted), *reversed(quoted))))


def _conversation(message: MessageDocument, content: InboundContent, key: bytes) -> AnchorId | None:
    if not content.sender:
        return None
    where = f"{message.accounts[0]} {content.conversation or ''}"
    return conversation_anchor(key, message.channel, where, comparable(content.sender[0]))


def _addressed(thread: MailThread, key: bytes, mailboxes: Collection[str]) -> Iterable[str]:
    for address in thread.to_addresses:
        if not is_of_town(address, mailboxes):
            yield _tag(Identifier(kind=MAIL_ADDRESS, value=address), key)


def is_of_town(address: str, mailboxes: Collection[str]) -> bool:
    """True for a mailbox of the town, signed reply addresses (contact+…@) included."""
    return mailbox_of(address, mailboxes) is not None


def _tag(identifier: Identifier, key: bytes) -> str:
    return person_tag(key, identifier.kind, comparable(identifier))
