"""What the router reads. All of it through one handler, so that a batch comes to one write per case."""

from functools import partial
from typing import Final

from case_router.domain.own_topic import require_own_topic
from case_router.handlers.keep_given_up import Keep, keeping_given_up
from guichet.contracts.base import Event
from guichet.contracts.case_commands import (
    AddNote,
    AssignCase,
    CloseCase,
    ConfirmSender,
    ConfirmSpam,
    DeclareAbuse,
    LiftAbuse,
    MarkTask,
    ReleaseMail,
    ReopenCase,
    RerouteCase,
    SendReply,
    SettleDelivery,
    SnoozeCase,
    StateFact,
)
from guichet.contracts.channels import KnownChannels
from guichet.contracts.citizen_commands import RenewLink
from guichet.contracts.dead_letters import PayloadGivenUp
from guichet.contracts.delivery import DeliveryChanged
from guichet.contracts.inbound import MessageReceived
from guichet.contracts.topics import CASE_COMMANDS, CITIZEN_COMMANDS, DELIVERY_EVENTS, INBOUND, INBOUND_THIRD_PARTY
from guichet.kafka.consume.batch_pause import BatchPause
from guichet.kafka.consume.worker import BATCH_SIZE, BatchHandler, Worker, in_parallel

PARTS: Final = 3  # a fourth gains nothing: by then neither Python nor MongoDB has a pause left
PAUSE: Final = BatchPause(seconds=0.15, enough=100)
"""Ten batches of ten cost the store twice what one of a hundred does. Nobody waits for a receipt so closely; an agent's
command comes so much later too, and after a lull at once."""

SERVES: frozenset[type[Event]] = frozenset(
    {
        MessageReceived,
        PayloadGivenUp,
        SendReply,
        RerouteCase,
        AssignCase,
        AddNote,
        SnoozeCase,
        CloseCase,
        ReopenCase,
        StateFact,
        MarkTask,
        ConfirmSender,
        DeclareAbuse,
        LiftAbuse,
        SettleDelivery,
        ReleaseMail,
        ConfirmSpam,
        RenewLink,
        DeliveryChanged,
    }
)


def add_consumers(worker: Worker, handle: BatchHandler, channels: KnownChannels, keep: Keep) -> None:
    """Read messages, commands and delivery events; batches, retries, dead letters and commits are the kit's.

    keep: puts what hosts of third parties gave up among the dead letters.
    """
    worker.read(
        [*INBOUND, CASE_COMMANDS, CITIZEN_COMMANDS, DELIVERY_EVENTS],
        in_parallel(keeping_given_up(handle, keep), PARTS),
        batch_size=PARTS * BATCH_SIZE,
        admit=partial(require_own_topic, channels=channels),
        apart=[INBOUND_THIRD_PARTY],
        pause=PAUSE,
    )
