"""The alarms a service can raise. Each has an entry in docs/operations.md (tested)."""

from collections.abc import Callable
from enum import StrEnum

from guichet.runtime.telemetry.metrics import ALARM


class Alarm(StrEnum):
    """What needs a person. ops-console announces each cause once until it is cleared."""

    BUG = "bug"  # a handler failed in a way nobody foresaw: dead letter
    SEND_BUG = "send-bug"  # the code that writes or sends a letter failed: it waits, or nobody knows whether it left
    UNREAD = "unread"  # a citizen's message was accepted that no program could read: a person reads it
    FILE_MISSING = "file-missing"  # a message was accepted without a file that its provider does not hand over
    CATCH_UP_BEHIND = "catch-up-behind"  # what a refused webhook left behind cannot be taken in for now
    MAILBOX_UNREADABLE = "mailbox-unreadable"  # a mailbox of the town's cannot be read for now: its mails wait there
    MAILBOX_REFUSED = "mailbox-refused"  # a mailbox does not let the town in: password, token or secret
    MAILBOX_NOT_OPENED = "mailbox-not-opened"  # the variable that opens a mailbox is not set
    MAILBOX_SIGN_IN_ENDS = "mailbox-sign-in-ends"  # what signs the town in at a mailbox ends soon
    MAILBOX_WITHHOLDS = "mailbox-withholds"  # a mailbox lists a mail that it does not give: it was passed over
    MAILBOX_NOT_TIDIED = "mailbox-not-tidied"  # mails were taken in, and cannot be flagged or moved there
    DEAD_LETTER = "dead-letter"  # an open dead letter waits for a decision
    DEAD_LETTER_CEILING = "dead-letter-ceiling"  # too many: the topic waits, or an adapter refuses
    OFFSET_OUT_OF_RANGE = "offset-out-of-range"  # records vanished before they were read: the worker stopped
    CONSUMER_STUCK = "consumer-stuck"  # lag grows while nothing is handled
    LAG = "lag"  # the oldest unhandled record is too old
    SERVICE_DOWN = "service-down"  # a service does not answer
    PART_AWAY = "part-away"  # Kafka, MongoDB, the vault …: a part that services cannot do without does not answer
    RECEIPT_OVERDUE = "receipt-overdue"  # a legal receipt is late
    RECEIPT_UNWRITABLE = "receipt-unwritable"  # the town's files lack a mention that an acknowledgement owes: it waits
    CLOCK_PASSED_OVER = "clock-passed-over"  # a day of a case's clock is over, and the router never looked at it
    SUSPENDED_UNSEEN = "suspended-unseen"  # no agent has seen a suspended mail by the end of the next working day
    LETTERS_WAITING = "letters-waiting"  # scanned letters of a department wait, and no agent takes them down
    DELIVERY_UNDECIDED = "delivery-undecided"  # nobody knows whether a message left: an agent decides in its case
    PROVIDER_DOWN = "provider-down"  # a sender's circuit is open
    NULL_PATH_REFUSED = "null-path-refused"  # the relay takes no mail without a return path: no agent is written to
    CHANNEL_OFF = "channel-off"  # letters wait for an account none of whose channels the town has switched on
    SPENDING_NEAR_CAP = "spending-near-cap"  # letters of an account have cost much of what the town allows
    SPENDING_CAP = "spending-cap"  # letters wait, because no cap of their account has room for them
    ERASURE_STUCK = "erasure-stuck"  # an erasure is open for too long
    ORPHANS_KEPT = "orphans-kept"  # files that nothing names stay: too many, or nobody can tell what names them
    BACKUP_OLD = "backup-old"  # the last backup that was read again and found good is too old
    TURN_OVERDUE = "turn-overdue"  # the vault was not rotated for two days
    VAULT_COPY = "vault-copy"  # the vault's second copy takes nothing new: adapters refuse once their keys are used up
    SEARCH_REBUILDING = (
        "search-rebuilding"  # a sector's search file is made anew: the desk finds nothing there meanwhile
    )
    NOT_ALLOWED = "not-allowed"  # Kafka or MongoDB refuses a user's sign-in, or lacks a right for it
    TAMPERED = "tampered"  # a seal did not hold
    KEY_MISSING = "key-missing"  # the vault never held a key that something is sealed under
    IDENTITY_PROVIDER_AWAY = "identity-provider-away"  # nobody new signs in by it; who is signed in goes on
    PROBING = "probing"  # somebody tries doors: too many refusals of one kind
    FORGED = "forged"  # a record that decides something bears no signature of a door that may decide it
    OUTBOX_STUCK = "outbox-stuck"  # events of a case that nobody can read, so that nobody publishes them
    CLOCK_MOVED = "clock-moved"  # the process lives at another time than the machine: a test's stack, never a town's
    NO_RIGHT = "no-right"  # somebody commanded a case that was not theirs


def raise_alarm(alarm: Alarm, cause: str) -> None:
    """Say that `cause` (an id or code, never a person) holds."""
    ALARM.labels(alarm.value, cause).set(1)


def alarm_while(alarm: Alarm, cause: str, holds: Callable[[], bool]) -> None:
    """Have `cause` hold as long as `holds` says so, asked whenever somebody looks."""
    ALARM.labels(alarm.value, cause).set_function(lambda: float(holds()))


def clear_alarm(alarm: Alarm, cause: str) -> None:
    """Say that `cause` no longer holds."""
    ALARM.labels(alarm.value, cause).set(0)
