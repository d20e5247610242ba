"""Of a mail, those that came before it under the same Message-ID; is it one of them, brought by another route? Pure.

One that is goes where the first went, and is no message of that case: nothing is opened, joined or owed for it
(docs/decisions/0045).
"""

from dataclasses import dataclass
from typing import Final

from case_router.domain.arrival import Opened
from guichet.contracts.authorship import proof_of
from guichet.contracts.route_copies import are_copies
from guichet.ids import MessageId
from guichet.store.messages.document import MessageDocument

COMPARED_AT_MOST: Final = 4  # who sends under one Message-ID again and again has no more of them opened, the newest


@dataclass(frozen=True)
class EarlierMail:
    """A mail that came before. head: see Opened. opened: None where its key is destroyed, by its erasure."""

    message: MessageDocument
    head: MessageId | None
    opened: Opened | None


def as_earlier(opened: Opened) -> EarlierMail:
    """Return a mail as those that come after it see it."""
    return EarlierMail(opened.message, opened.head, opened)


def is_copy(late: Opened, first: EarlierMail) -> bool:
    """Say whether a mail is one that came before. Where that cannot be opened any more, it goes with it.

    Nobody hides a mail that is better vouched for than their own: who has heard of one might write first, with more
    words. What no program could read is for a person to compare.
    """
    if late.head is None or late.head != first.head or late.message.unread or first.message.unread:
        return False
    if first.opened is None:
        return True
    return (
        late.message.channel == first.message.channel
        and late.message.automatic is first.message.automatic
        and proof_of(late.content, late.facts) <= proof_of(first.opened.content, first.opened.facts)
        and are_copies(late.content, first.opened.content)
    )
