"""What the pages of suspended mail show. Values only, opened and in memory."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from agent_desk.domain.cases.moments import File, Words
from agent_desk.domain.cases.receipt_date import ReceiptDate, receipt_date_of
from agent_desk.domain.cases.timeline import files_of
from guichet.contracts.inbound import Automatic, ChannelName, Suspicion
from guichet.contracts.inbound_content import Identifier, InboundContent
from guichet.ids import AgentId, DepartmentId, MessageId, Reference
from guichet.store.messages.document import MessageDocument
from guichet.store.messages.suspended import COUNTED_UP_TO, SPAM_KEPT_FOR
from guichet.store.messages.suspension import RELEASABLE, Suspension, SuspensionState
from guichet.vault.fields import Opened

LONGEST_EXCERPT = 160  # characters: about two lines, enough to tell a letter from a lure


@dataclass(frozen=True)
class SuspendedView:
    """A suspended mail. Its words are there until it is decided on: released, they are the case's and its readers'.

    sender: as the mail gives it, which proves nothing. text: None when it was erased, tampered with or released.
    case: the reference of the case that it went to, where the visitor may see that.
    """

    message_id: MessageId
    channel: ChannelName
    accounts: tuple[str, ...]
    department: DepartmentId
    receipt: ReceiptDate
    why: Suspicion
    state: SuspensionState
    decided_at: datetime | None
    decided_by: AgentId | None
    display_name: str | None = field(default=None, repr=False)
    sender: tuple[Identifier, ...] = field(default=(), repr=False)
    subject: str | None = field(default=None, repr=False)
    text: str | None = field(default=None, repr=False)
    files: tuple[File, ...] = ()
    automatic: Automatic | None = None
    unread: bool = False
    remarks: tuple[str, ...] = ()
    tampered: bool = False
    unseen: bool = False
    case: Reference | None = None

    @property
    def can_be_released(self) -> bool:
        """Whether an agent may still say that it is none to hold back."""
        return self.state in RELEASABLE

    @property
    def can_be_confirmed(self) -> bool:
        """Whether an agent may say that it is spam."""
        return self.state is SuspensionState.WAITING

    @property
    def kept_until(self) -> datetime | None:
        """When it is deleted, where it was confirmed as spam."""
        is_spam = self.state is SuspensionState.SPAM and self.decided_at is not None
        return self.decided_at + SPAM_KEPT_FOR if is_spam and self.decided_at is not None else None

    @property
    def excerpt(self) -> str:
        """How it begins, on one line."""
        words = " ".join((self.text or "")[: 4 * LONGEST_EXCERPT].split())
        return words if len(words) <= LONGEST_EXCERPT else f"{words[:LONGEST_EXCERPT].rstrip()}…"

    def gone_to(self, case: Reference | None) -> "SuspendedView":
        """Return it with the case that it went to."""
        return replace(self, case=case)


@dataclass(frozen=True)
class SuspendedPage:
    """A page of the list. waiting, spam: how many there are, up to one more than most_counted."""

    rows: tuple[SuspendedView, ...]
    waiting: int
    spam: int
    page: int
    next_page: int | None
    most_counted: int = COUNTED_UP_TO - 1


def suspended_view(
    message: MessageDocument, held: Suspension, words: Opened[MessageId, Words], *, unseen: bool = False
) -> SuspendedView:
    """Return a suspended mail as its page shows it. words: opened contents by message. held: its own."""
    said = words.values.get(message.message_id)
    content = said if isinstance(said, InboundContent) else None
    is_tampered = message.message_id in words.tampered
    return SuspendedView(
        message_id=message.message_id,
        channel=message.channel,
        accounts=message.accounts,
        department=held.department,
        receipt=receipt_date_of(message),
        why=held.why,
        state=held.state,
        decided_at=held.decided_at,
        decided_by=held.decided_by,
        display_name=content.display_name if content else None,
        sender=content.sender if content else (),
        subject=content.subject if content else None,
        text=content.text if content else None,
        files=files_of(message, content.attachment_names) if content else (),
        automatic=message.automatic,
        unread=message.unread,
        remarks=content.remarks if content else (),
        tampered=is_tampered,
        unseen=unseen,
    )
