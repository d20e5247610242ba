"""Which handler reads what and publishes what: the data behind the one-way flow.

A worker's `entry/consumers.py` must serve exactly the handlers listed here (tests/architecture). An edge that points
back is allowed only with `feedback`, the reason that ends it.
"""

from dataclasses import dataclass

from guichet.contracts import case_events as happened
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
from guichet.contracts.citizen_commands import RenewLink
from guichet.contracts.dead_letters import PayloadGivenUp
from guichet.contracts.delivery import DeliveryChanged, DeliveryReported
from guichet.contracts.inbound import MessageReceived
from guichet.contracts.privacy import CancelErasure, ErasureCompleted, ErasureRequested, PrivacyRequestRecorded


@dataclass(frozen=True)
class FlowEdge:
    """One service's answer to one event type. publishes: every event type it may bring about.

    leads_to: what somebody else publishes, later, because of what this handler wrote into a case.
    """

    service: str
    reads: type[Event]
    publishes: tuple[type[Event], ...] = ()
    feedback: str | None = None
    leads_to: tuple[type[Event], ...] = ()


_FILED = (happened.CaseOpened, happened.MessageFiled, happened.CaseMoved, happened.CaseSnoozed)

FLOW: tuple[FlowEdge, ...] = (
    FlowEdge(
        "case-router",
        MessageReceived,
        _FILED,
    ),
    FlowEdge("case-router", PayloadGivenUp),  # a dead letter is no event of a topic that anybody's group reads
    FlowEdge("case-router", SendReply, (happened.ReplyRequested, happened.CaseMoved, happened.CommandRefused)),
    FlowEdge("case-router", RerouteCase, (happened.CaseRerouted, happened.CaseAssigned, happened.CommandRefused)),
    FlowEdge("case-router", SnoozeCase, (happened.CaseSnoozed, happened.CommandRefused)),
    FlowEdge("case-router", AddNote, (happened.NoteAdded, happened.CommandRefused)),
    FlowEdge("case-router", AssignCase, (happened.CaseAssigned, happened.CommandRefused)),
    FlowEdge("case-router", CloseCase, (happened.CaseClosed, happened.CommandRefused)),
    FlowEdge("case-router", ReopenCase, (happened.CaseReopened, happened.CaseMoved, happened.CommandRefused)),
    FlowEdge(
        "case-router",
        StateFact,
        (
            *(happened.FactStated, happened.ReceiptOwed, happened.CommandRefused),
            *(happened.WorkflowBegun, happened.StepReached),
        ),
    ),
    FlowEdge("case-router", MarkTask, (happened.TaskMarked, happened.StepReached, happened.CommandRefused)),
    FlowEdge("case-router", ConfirmSender, (happened.SenderConfirmed, happened.CommandRefused)),
    FlowEdge("case-router", DeclareAbuse, (happened.AbuseDeclared, happened.CommandRefused)),
    FlowEdge("case-router", LiftAbuse, (happened.AbuseLifted, happened.CommandRefused)),
    FlowEdge("case-router", SettleDelivery, (happened.DeliverySettled, happened.StepReached, happened.CommandRefused)),
    FlowEdge(
        "case-router",
        ReleaseMail,
        _FILED,
    ),
    FlowEdge("case-router", ConfirmSpam),  # it opens no case, of which anything could be told
    FlowEdge("case-router", RenewLink, (happened.LinkRenewed,)),
    FlowEdge("notifier", happened.LinkRenewed, (DeliveryChanged,)),
    FlowEdge("notifier", happened.AbuseDeclared, (DeliveryChanged,)),
    FlowEdge("notifier", happened.ReceiptOwed, (DeliveryChanged,)),
    FlowEdge("notifier", happened.CaseOpened, (DeliveryChanged,)),
    FlowEdge("notifier", happened.ReplyRequested, (DeliveryChanged,)),
    FlowEdge("notifier", happened.DeliverySettled, (DeliveryChanged,)),
    FlowEdge("notifier", happened.CaseClosed, (DeliveryChanged,)),
    FlowEdge("notifier", happened.CaseReopened, (DeliveryChanged,)),
    FlowEdge("notifier", happened.CaseRerouted, (DeliveryChanged,)),
    FlowEdge("notifier", happened.WorkflowBegun, (DeliveryChanged,)),
    FlowEdge("notifier", happened.StepReached, (DeliveryChanged,)),
    # What the citizen's page shows changes; nothing is told of it (docs/decisions/0015).
    FlowEdge("notifier", happened.MessageFiled),  # that a question is answered: its page
    FlowEdge("notifier", happened.CaseMoved),
    FlowEdge("notifier", happened.CaseDestroyed),
    FlowEdge("notifier", DeliveryReported, (DeliveryChanged,)),
    FlowEdge(
        "case-router",
        DeliveryChanged,
        (happened.DeliveryRecorded,),
        feedback="the router records it, and the notifier does not read DeliveryRecorded",
    ),
    FlowEdge(
        "gdpr-worker",
        ErasureRequested,
        (PrivacyRequestRecorded, ErasureCompleted),
        leads_to=(happened.CaseDestroyed,),
    ),
    FlowEdge("gdpr-worker", CancelErasure, ()),
    FlowEdge("gdpr-worker", happened.CaseDestroyed),  # what lived with the case goes; nothing is told of it
    # By which words a case is found changes; nothing is told of it (docs/decisions/0065).
    FlowEdge("search-indexer", happened.CaseOpened),
    FlowEdge("search-indexer", happened.MessageFiled),
    FlowEdge("search-indexer", happened.ReplyRequested),
    FlowEdge("search-indexer", happened.CaseMoved),
    FlowEdge("search-indexer", happened.CaseClosed),
    FlowEdge("search-indexer", happened.CaseRerouted),
    FlowEdge("search-indexer", happened.SenderConfirmed),
    FlowEdge("notifier", happened.FactStated),  # a transfer, a complete file: the page
    FlowEdge("notifier", happened.TaskMarked),  # that the citizen has something to do: the page
    FlowEdge("notifier", happened.ClockReached),  # that silence decided: the page
    FlowEdge("search-indexer", happened.FactStated),  # by its procedure a case is of some agents
    FlowEdge("search-indexer", happened.CaseDestroyed),
)
