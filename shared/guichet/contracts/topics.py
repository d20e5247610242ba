"""The registry of topics: what each carries, who writes it, who reads it, how long it lives.

Topics are created and configured from here (guichet.kafka.admin.topics), the flow's order is tested from here
(guichet.contracts.flow), AsyncAPI is generated from here, and who may do what on the broker
(guichet.kafka.admin.rights, what services do beyond it: guichet.contracts.duties). gdpr-worker trims what is older than
`retention` and every registered group has handled; Kafka itself deletes nothing. `signed_by`: the doors whose signature
a record must bear to be believed (guichet.privacy.signing.records, docs/decisions/0012).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Final, Generic, Literal, TypeVar

from pydantic import Field, TypeAdapter

from guichet.contracts.base import Event
from guichet.contracts.case_commands import AnyCommand, CaseCommand, MailCommand
from guichet.contracts.case_events import AnyCaseEvent, CaseEvent
from guichet.contracts.citizen_commands import RenewLink
from guichet.contracts.dead_letters import PayloadGivenUp, dead_letter_topic
from guichet.contracts.delivery import DeliveryChanged, DeliveryReported
from guichet.contracts.inbound import MessageReceived
from guichet.contracts.privacy import (
    AnyPrivacyEvent,
    AnyPrivacyRequest,
    CancelErasure,
    PrivacyEvent,
    PrivacyRequest,
)

E = TypeVar("E", bound=Event)

MIB = 1024 * 1024
SEGMENT_ROLLS_AFTER: Final = timedelta(days=1)  # a trimmed record leaves the disk with its segment
KEPT_DECIDED: Final = timedelta(days=30)  # what an operator decided stays visible on a `-dlq`; the audit trail longer


@dataclass(frozen=True)
class Consumer:
    """Who reads a topic. group: each record once, by the service's consumer group, which bears the service's name.
    broadcast: every process reads everything from the end, without a group (live pages)."""

    service: str
    mode: Literal["group", "broadcast"] = "group"


@dataclass(frozen=True)
class Topic(Generic[E]):
    """One topic. key: from the event, or None where the publisher gives it (ingest pseudonym, stored nowhere).

    producers: who publishes onto it today; nobody else may. dead_lettered_by: producers that
    put among its dead letters what they could not read and so never published.
    """

    name: str
    events: TypeAdapter[Any]
    key: Callable[[E], str] | None
    producers: tuple[str, ...]
    consumers: tuple[Consumer, ...]
    owner: str  # who answers for it when it misbehaves
    retention: timedelta
    dead_lettered_by: tuple[str, ...] = ()
    signed_by: tuple[str, ...] = ()  # every producer of what decides something; empty: records that only tell
    # Each third party's signs what it brings in, and what it could not read; the town's files say which there are.
    signed_by_hosts: bool = False
    partitions: int = 6
    max_bytes: int = 4 * MIB  # a message's text may be 1 MiB before sealing and base64

    @property
    def dead_letters(self) -> str:
        """Name of the topic that keeps what could not be handled."""
        return dead_letter_topic(self.name)

    @property
    def is_signed(self) -> bool:
        """Whether a record without a signature is refused."""
        return bool(self.signed_by) or self.signed_by_hosts

    def may_be_signed_by(self, producer: str) -> bool:
        """Return whether a key's owner may sign here. Of hosts the reader asks besides whose channel it is."""
        return producer in self.signed_by or (self.signed_by_hosts and producer.startswith("ingest-"))

    @property
    def groups(self) -> tuple[str, ...]:
        """The consumer groups that must have handled a record before it may be trimmed."""
        return tuple(consumer.service for consumer in self.consumers if consumer.mode == "group")


def _by_case(event: CaseEvent | RenewLink | DeliveryChanged) -> str:
    return event.case_id


def _by_case_or_mail(event: CaseCommand | MailCommand) -> str:
    return event.message_id if isinstance(event, MailCommand) else event.case_id


def _by_outbound(event: DeliveryReported) -> str:
    return event.outbound_id


def _by_request(event: PrivacyEvent) -> str:
    return event.request_id


def _by_own_request(event: PrivacyRequest) -> str:
    return event.request_id if isinstance(event, CancelErasure) else event.event_id


def _inbound(
    name: str,
    owner: str,
    *,
    producers: tuple[str, ...],
    dead_lettered_by: tuple[str, ...] = (),
    signed_by_hosts: bool = False,
    signed_by: tuple[str, ...] = (),
    events: Any = MessageReceived,
) -> Topic[MessageReceived]:
    return Topic(
        name=name,
        events=TypeAdapter(events),
        key=None,
        producers=producers,
        dead_lettered_by=dead_lettered_by,
        consumers=(Consumer("case-router"),),
        owner=owner,
        signed_by_hosts=signed_by_hosts,
        signed_by=signed_by,
        retention=timedelta(days=7),  # raw ingestion is kept only to be passed on (docs/law.md 28)
    )


_ROUTER = Consumer("case-router")


def _of_adapter(name: str, adapter: str) -> Topic[MessageReceived]:
    return _inbound(name, adapter, producers=(adapter,), dead_lettered_by=(adapter,))


INBOUND_EMAIL = _of_adapter("inbound-email", "ingest-email")
INBOUND_SMS = _of_adapter("inbound-sms", "ingest-sms")
INBOUND_SOCIAL = _of_adapter("inbound-social", "ingest-social")
# Of channels that are not part of Guichet: their hosts write here and nowhere else, not even among its dead letters
# (docs/decisions/0041). Which there are is a town's choice, so that none stands among the producers.
INBOUND_THIRD_PARTY = _inbound(
    "inbound-third-party",
    "ingest-social",
    producers=(),
    signed_by_hosts=True,
    events=Annotated[MessageReceived | PayloadGivenUp, Field(discriminator="type")],
)
INBOUND_PORTAL = _inbound("inbound-portal", "citizen-portal", producers=("citizen-portal",))
INBOUND_DESK = _inbound("inbound-desk", "agent-desk", producers=("agent-desk",), signed_by=("agent-desk",))
INBOUND: tuple[Topic[MessageReceived], ...] = (
    INBOUND_EMAIL,
    INBOUND_SMS,
    INBOUND_SOCIAL,
    INBOUND_THIRD_PARTY,
    INBOUND_PORTAL,
    INBOUND_DESK,
)

CASE_COMMANDS: Topic[CaseCommand | MailCommand] = Topic(
    name="case-commands",
    events=TypeAdapter(AnyCommand),
    key=_by_case_or_mail,
    producers=("agent-desk",),
    consumers=(_ROUTER,),
    owner="agent-desk",
    retention=timedelta(days=7),
    signed_by=("agent-desk",),
)
CITIZEN_COMMANDS: Topic[RenewLink] = Topic(  # unsigned: a proof of the link's secret decides (docs/decisions/0015)
    name="citizen-commands",
    events=TypeAdapter(RenewLink),
    key=_by_case,
    producers=("citizen-portal",),
    consumers=(_ROUTER,),
    owner="citizen-portal",
    retention=timedelta(days=7),
)
CASE_EVENTS: Topic[CaseEvent] = Topic(
    name="case-events",
    events=TypeAdapter(AnyCaseEvent),
    key=_by_case,
    producers=("case-router",),
    consumers=(
        Consumer("notifier"),
        Consumer("gdpr-worker"),
        Consumer("search-indexer"),
        Consumer("agent-desk", "broadcast"),
    ),
    owner="case-router",
    retention=timedelta(days=30),
)
DELIVERY_REPORTS: Topic[DeliveryReported] = Topic(
    name="delivery-reports",
    events=TypeAdapter(DeliveryReported),
    key=_by_outbound,
    producers=("ingest-email", "ingest-sms"),
    dead_lettered_by=("ingest-email", "ingest-sms"),
    consumers=(Consumer("notifier"),),
    owner="ingest-sms",
    retention=timedelta(days=7),
)
DELIVERY_EVENTS: Topic[DeliveryChanged] = Topic(
    name="delivery-events",
    events=TypeAdapter(DeliveryChanged),
    key=_by_case,
    producers=("notifier",),
    consumers=(_ROUTER,),
    owner="notifier",
    retention=timedelta(days=30),
)
PRIVACY_REQUESTS: Topic[PrivacyRequest] = Topic(
    name="privacy-requests",
    events=TypeAdapter(AnyPrivacyRequest),
    key=_by_own_request,
    producers=("guichet-cli",),
    consumers=(Consumer("gdpr-worker"),),
    owner="gdpr-worker",
    retention=timedelta(days=30),
    signed_by=("guichet-cli",),
    partitions=1,
)
PRIVACY_EVENTS: Topic[PrivacyEvent] = Topic(
    name="privacy-events",
    events=TypeAdapter(AnyPrivacyEvent),
    key=_by_request,
    producers=("gdpr-worker",),
    consumers=(),
    owner="gdpr-worker",
    retention=timedelta(days=30),
    partitions=1,
)

TOPICS: tuple[Topic[Any], ...] = (
    *INBOUND,
    CASE_COMMANDS,
    CITIZEN_COMMANDS,
    CASE_EVENTS,
    DELIVERY_REPORTS,
    DELIVERY_EVENTS,
    PRIVACY_REQUESTS,
    PRIVACY_EVENTS,
)
