"""What the adapters and the portal put on the inbound topics."""

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, StringConstraints

from guichet.contracts.base import Contract, Event, Sealed
from guichet.errors import PermanentError
from guichet.ids import AgentId, MessageId, ProcedureId, is_id

FIRST_ARRIVAL: Final = datetime(2000, 1, 1, tzinfo=UTC)  # before any message that a channel can hand over
AHEAD: Final = timedelta(days=1)  # how far a provider's clock may be before ours; a due date is counted from it
ACCOUNTS_AT_MOST: Final = 500  # of a message, however often it came: more mailboxes than a town has
LONGEST_ACCOUNT: Final = 256  # characters; a mail address has 254 at most
_AN_ID: Final = re.compile(r"[0-9A-Za-z_-]{1,64}")  # of a message or an event: ours are hex digits
FILES_AT_MOST: Final = 101  # of a message: what a mail may have, and its text where that outgrows a record

ChannelName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9.-]{1,31}$")]
"""How a citizen reached the town: the name of a channel (guichet.contracts.channels)."""


def host_of(provider: ChannelName) -> str:
    """Return the ingest process that a third party's account has to itself, by whose name it signs in, and signs."""
    return f"ingest-{provider}"


class Automatic(StrEnum):
    """Why a mail is judged to come from a machine and gets no automatic answer (RFC 3834)."""

    AUTO_SUBMITTED = "auto-submitted"
    NULL_RETURN_PATH = "null-return-path"
    MAILING_LIST = "mailing-list"
    BULK_PRECEDENCE = "bulk-precedence"
    RESPONSE_SUPPRESSED = "response-suppressed"
    DELIVERY_REPORT = "delivery-report"
    OWN_MESSAGE = "own-message"


FROM_PEOPLE: Final = frozenset({None, Automatic.RESPONSE_SUPPRESSED})
"""An out-of-office note or a bounce is no answer. The wish for no automatic answer does not make a mail one."""


class DateSource(StrEnum):
    """Who says when the town received a message in law (docs/law.md 15)."""

    EDGE = "edge"  # nobody before us: we took it ourselves (at the desk, by a stamp), or who took it does not say when
    RELAY = "relay"  # the town's own mail server, in the Received header that it wrote
    MAILBOX = "mailbox"  # the mailbox that it lay in: IMAP's internal date
    PROVIDER = "provider"  # of texts or of chats


class DateDoubt(StrEnum):
    """Why a date that was said of a message is not believed; the moment at our edge counts instead."""

    IN_THE_FUTURE = "in-the-future"
    BEFORE_IT_WAS_WRITTEN = "before-it-was-written"
    TOO_LONG_AGO = "too-long-ago"  # for a third party's host, which alone says so


class Suspicion(StrEnum):
    """Why a mail waits for a person to look at it, before a case is opened or a receipt sent."""

    SPAM = "spam"  # the town's own mail system says so
    SPAM_AND_REFUSED = "spam-and-refused"  # and the author's own domain disowns it (DMARC "fail")


class Attachment(Contract):
    """A file that came with a message. Its name is personal and lies in the content; its bytes, in the object store."""

    attachment_id: str  # key in the object store, sealed there under the message's key
    content_type: str
    size_bytes: int


class MessageReceived(Event):
    """A citizen's message, accepted at our edge. Topic key: the sender's ingest pseudonym.

    `accounts`: the town's receiving addresses (mailboxes, E.164 number, bot name). `received_at`: the moment of receipt
    in law, as `dated_by` says it (docs/law.md 15). `arrived_at`: at our edge, never before `received_at`; None in
    records of before: `received_at`. `date_doubt`: why what was said of the receipt is not believed.
    `content`: an `InboundContent`, sealed for ("message", message_id, "content").
    `edits`: the message that this one corrects (Telegram's edited message).
    `unread`: no program could read it; what came lies whole among the attachments, and a person reads it.
    `suspended`: why it opens no case before a person has looked at it.
    `entered_by`: the agent who took it down by hand, on the desk's topic alone. There its channel may be electronic:
    an agent found the request in a message of another case. `procedure`: what the agent says it asks for.
    `on_the_spot`: they answered it there and then, so its case closes as it opens, if they may close such a case.
    """

    type: Literal["MessageReceived"] = "MessageReceived"
    schema_version: Literal[2, 1] = 2  # type: ignore[assignment]  # 1: a keyed digest beside each attachment
    message_id: MessageId
    channel: ChannelName
    accounts: tuple[str, ...]
    received_at: AwareDatetime
    arrived_at: AwareDatetime | None = None
    dated_by: DateSource = DateSource.EDGE
    date_doubt: DateDoubt | None = None
    suspended: Suspicion | None = None
    automatic: Automatic | None = None
    edits: MessageId | None = None
    unread: bool = False
    entered_by: AgentId | None = None
    procedure: ProcedureId | None = None
    on_the_spot: bool = False
    attachments: tuple[Attachment, ...] = ()
    content: Sealed

    @property
    def at_our_edge(self) -> datetime:
        """When it arrived here."""
        return self.arrived_at or self.received_at


def require_possible_arrival(accounts: Sequence[str], now: datetime, *came_at: datetime) -> None:
    """Raise PermanentError for a message that came to no possible accounts of the town's, or at a time that cannot be.

    came_at: every time that it says of itself; by `occurred_at` a signing key that ended is judged. Times are aware.
    Asked where a message is accepted, and by who files it: a host of another package may write on its topic
    without passing the edge.
    """
    require_possible_accounts(accounts)
    for at in came_at:
        if not FIRST_ARRIVAL <= at <= now + AHEAD:
            raise PermanentError(
                f"the message came at {at.isoformat()}, which cannot be: it is now {now.isoformat()}",
                reason="impossible-arrival",
            )


def require_received_by_arrival(received_at: datetime, arrived_at: datetime) -> None:
    """Raise PermanentError for a message that the town received in law after it came here. Asked where an arrival is.

    received_at: in law; arrived_at: at our edge. Aware.
    """
    if received_at > arrived_at:
        raise PermanentError(
            f"the message was received at {received_at.isoformat()} and came here before, at {arrived_at.isoformat()}",
            reason="impossible-arrival",
        )


def require_possible_accounts(accounts: Collection[str]) -> None:
    """Raise PermanentError for a message that came to no account of the town's, or to more than any town has.

    They rest in one document, and those of each further delivery with them: the router asks of all of these together.
    """
    if not accounts or not all(accounts):
        raise PermanentError("the message names no account of the town's that it came to", reason="no-account")
    if len(accounts) > ACCOUNTS_AT_MOST or any(len(each) > LONGEST_ACCOUNT for each in accounts):
        raise PermanentError(
            f"the message came to {len(accounts)} accounts: at most {ACCOUNTS_AT_MOST}, each with a name of"
            f" {LONGEST_ACCOUNT} characters",
            reason="too-many-accounts",
        )


def require_possible_ids(*ids: str) -> None:
    """Raise PermanentError for a message with an id unlike ours. Asked by who files it.

    Its case keeps them in many places, and is one document; whoever reads them takes them for text and nothing else.
    """
    if not all(map(_AN_ID.fullmatch, ids)):
        raise PermanentError("the message has an id that no adapter makes", reason="impossible-id")


def require_possible_files(count: int, ids: Iterable[str] = ()) -> None:
    """Raise PermanentError for a message with more files than any channel hands over, or with ids unlike ours.

    ids: of them, and of their key. They rest in one document, and those of each further delivery with them; an erasure
    destroys what they name. Asked where an arrival is.
    """
    if count > FILES_AT_MOST or not all(map(is_id, ids)):
        raise PermanentError(
            f"the message has {count} files: at most {FILES_AT_MOST}, each with an id of 32 hex digits, as their key",
            reason="too-many-files",
        )
