"""How large a run is: the full form behind `make mailboxes`, the short one in `make test`."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

DOVECOT, ADAPTER, BROKER, STORE = "Dovecot", "ingest-email", "kafka", "mongodb"
REBUILD: Final = "a mailbox is rebuilt"


@dataclass(frozen=True)
class Form:
    """mails: all of them. boxes: mailboxes, two of which are broken. times: how often each fault strikes.

    processes: of the adapter. leases_end_at_once: who was killed keeps nobody from its mailboxes for the minute that
    its leases last, as if that minute had passed. quiet_within: after the last mail came.
    """

    mails: int
    boxes: int
    times: dict[str, int]
    processes: int
    leases_end_at_once: bool
    quiet_within: timedelta


def full_form(mails: int = 5_000) -> Form:
    """Return the form of `make mailboxes`."""
    return Form(
        mails=mails,
        boxes=20,
        times={DOVECOT: 5, ADAPTER: 5, BROKER: 3, STORE: 3, REBUILD: 3},
        processes=2,
        leases_end_at_once=False,
        quiet_within=timedelta(minutes=5),
    )


def short_form(mails: int = 300) -> Form:
    """Return the form of `make test`: each fault once, in few mailboxes, and one process that reads them."""
    return Form(
        mails=mails,
        boxes=8,
        times=dict.fromkeys((DOVECOT, ADAPTER, BROKER, STORE, REBUILD), 1),
        processes=1,
        leases_end_at_once=True,
        quiet_within=timedelta(minutes=2),
    )
