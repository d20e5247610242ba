"""Which deed reads what and publishes what: the data behind the one-way flow.

A worker's agents file must serve exactly the deeds listed here (tests/architecture). An edge that points back is
allowed only with `feedback`, the reason that ends it.
"""

from dataclasses import dataclass

from guichet.contracts import case_events as happened
from guichet.contracts.base import Event
from guichet.contracts.case_commands import (
    CloseCase,
    ConfirmSender,
    DeclareAbuse,
    LiftAbuse,
    RerouteCase,
    SendReply,
    SettleDelivery,
)
from guichet.contracts.citizen_commands import RenewLink
from guichet.contracts.delivery import DeliveryChanged, DeliveryReported
from guichet.contracts.inbound import MessageReceived
from guichet.contracts.privacy import CancelErasure, ErasureCompleted, ErasureRequested, PrivacyRequestRecorded


@dataclass(frozen=True)
class Deed:
    """One service's answer to one event type. publishes: every event type it may bring about.

    leads_to: what somebody else publishes, later, because of what this deed wrote into a case.
    """

    service: str
    reads: type[Event]
    publishes: tuple[type[Event], ...] = ()
    feedback: str | None = None
    leads_to: tuple[type[Event], ...] = ()


DEEDS: tuple[Deed, ...] = (
    Deed("case-router", MessageReceived, (happened.CaseOpened, happened.MessageFiled, happened.CaseMoved)),
    Deed("case-router", SendReply, (happened.ReplyRequested, happened.CaseMoved, happened.CommandRefused)),
    Deed("case-router", RerouteCase, (happened.CaseRerouted, happened.CommandRefused)),
    Deed("case-router", CloseCase, (happened.CaseClosed, happened.CommandRefused)),
    Deed("case-router", ConfirmSender, (happened.SenderConfirmed, happened.CommandRefused)),
    Deed("case-router", DeclareAbuse, (happened.AbuseDeclared, happened.CommandRefused)),
    Deed("case-router", LiftAbuse, (happened.AbuseLifted, happened.CommandRefused)),
    Deed("case-router", SettleDelivery, (happened.DeliverySettled, happened.CommandRefused)),
    Deed("case-router", RenewLink, (happened.LinkRenewed,)),
    Deed("notifier", happened.LinkRenewed, (DeliveryChanged,)),
    Deed("notifier", happened.AbuseDeclared, (DeliveryChanged,)),
    Deed("notifier", happened.CaseOpened, (DeliveryChanged,)),
    Deed("notifier", happened.ReplyRequested, (DeliveryChanged,)),
    Deed("notifier", happened.DeliverySettled, (DeliveryChanged,)),
    # What the citizen's page shows changes; nothing is told of it (docs/decisions/0015).
    Deed("notifier", happened.CaseMoved),
    Deed("notifier", happened.CaseClosed),
    Deed("notifier", happened.CaseRerouted),
    Deed("notifier", happened.CaseDestroyed),
    Deed("notifier", DeliveryReported, (DeliveryChanged,)),
    Deed(
        "case-router",
        DeliveryChanged,
        (happened.DeliveryRecorded,),
        feedback="the router records it, and the notifier does not read DeliveryRecorded",
    ),
    Deed(
        "gdpr-worker",
        ErasureRequested,
        (PrivacyRequestRecorded, ErasureCompleted),
        leads_to=(happened.CaseDestroyed,),
    ),
    Deed("gdpr-worker", CancelErasure, ()),
)
