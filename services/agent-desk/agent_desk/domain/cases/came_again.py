"""A mail that another route brought, too: no message of the case, but what it says otherwise is shown. Pure.

Nobody's words are hidden: a route adds a banner, somebody else might add more (docs/decisions/0045).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from guichet.contracts.inbound_content import InboundContent
from guichet.contracts.route_copies import added_lines
from guichet.ids import MessageId
from guichet.store.messages.document import MessageDocument, OutboundContent


@dataclass(frozen=True)
class CameAgain:
    """more, less: lines that it has, or has not, beside the first. subject: its own, where that is another.

    Nothing of these where either is erased or was tampered with.
    """

    at: datetime
    message_id: MessageId
    more: tuple[str, ...] = field(default=(), repr=False)
    less: tuple[str, ...] = field(default=(), repr=False)
    subject: str | None = field(default=None, repr=False)
    kind: Literal["copy"] = "copy"


def came_again(copy: MessageDocument, words: Mapping[MessageId, InboundContent | OutboundContent]) -> CameAgain:
    """Return what is shown of another route's copy. words: opened, of the first, too."""
    here, first = words.get(copy.message_id), words.get(copy.copy_of or copy.message_id)
    if not isinstance(here, InboundContent) or not isinstance(first, InboundContent):
        return CameAgain(copy.at, copy.message_id)
    more, less = added_lines(here.text, first.text), added_lines(first.text, here.text)
    return CameAgain(
        copy.at,
        copy.message_id,
        more=more.all if more else (),
        less=less.all if less else (),
        subject=here.subject if here.subject != first.subject else None,
    )
