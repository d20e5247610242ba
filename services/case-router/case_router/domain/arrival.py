"""An inbound message on its way into a case. Values only."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from case_router.domain.thread_marks import ThreadMarks
from guichet.contracts.authorship import proves_its_author, written_by
from guichet.contracts.channels import ChannelFacts
from guichet.contracts.inbound_content import Identifier, InboundContent
from guichet.ids import CaseId, CitizenId, MessageId, case_id
from guichet.store.messages.document import MessageDocument


@dataclass(frozen=True)
class Opened:
    """A message and what was sealed in it. facts: of its channel.

    head: of a mail, what every route's copy of it has alike; None where it says too little of itself.
    """

    message: MessageDocument
    content: InboundContent
    facts: ChannelFacts
    head: MessageId | None = None

    @property
    def author(self) -> Identifier | None:
        """Who wrote; None where the channel gave no address. A mail's Reply-To, its first sender, proves nothing."""
        return written_by(self.content, self.message.automatic)

    @property
    def is_proven(self) -> bool:
        """Whether somebody vouches for the author."""
        return proves_its_author(self.content, self.facts)

    @property
    def answered_at(self) -> Identifier | None:
        """The address an answer goes to."""
        return self.content.sender[0] if self.content.sender else None


@dataclass(frozen=True)
class Holders:
    """Who may have written. citizen: None when it could be several, or when the sender may be forged.

    unverified: nobody vouches for the author; whoever the registry knows at the address is a candidate and no more.
    """

    citizen: CitizenId | None = None
    candidates: tuple[CitizenId, ...] = ()
    unverified: bool = False

    @property
    def everybody(self) -> tuple[CitizenId, ...]:
        """All whom it names."""
        return self.candidates if self.citizen is None else (self.citizen, *self.candidates)


@dataclass(frozen=True)
class Arrival:
    """An opened message, who may have written it, and what ties it to others."""

    opened: Opened
    holders: Holders
    marks: ThreadMarks

    @property
    def message(self) -> MessageDocument:
        """The message's document."""
        return self.opened.message

    @property
    def message_id(self) -> MessageId:
        """The cause."""
        return self.opened.message.message_id

    @property
    def at(self) -> datetime:
        """When it arrived at our edge."""
        return self.opened.message.at

    @cached_property
    def own_case(self) -> CaseId:
        """The case that this message opens, if it opens one."""
        return case_id(self.opened.message.message_id)
