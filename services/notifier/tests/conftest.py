"""The world around the notifier: its collaborators as twins in memory, a clock that stands, a citizen who wrote."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from guichet.case.record import CaseRecord
from guichet.channel.outgoing.letter import Letter
from guichet.contracts.case_events import CaseOpened, ReplyRequested, RoutingReason
from guichet.contracts.delivery import DeliveryReported, Purpose
from guichet.contracts.inbound import Attachment, ChannelName
from guichet.contracts.inbound_content import Identifier, InboundContent, MailThread
from guichet.contracts.questions import Question
from guichet.contracts.topics import CASE_EVENTS, DELIVERY_EVENTS
from guichet.follow_pages.view_writer import ViewWriter
from guichet.ids import AgentId, CaseId, EventId, MessageId
from guichet.kafka.records import Received
from guichet.store.deliveries.document import DeliveryDocument
from guichet.store.messages.document import OUTBOUND_CONTENT, Direction, MessageDocument, OutboundContent
from guichet.store.objects import attachment
from guichet.town import Town
from guichet.vault.sealing import Thing
from guichet_testing.builders.case import a_case
from guichet_testing.builders.channels import FACTS
from guichet_testing.builders.example_town import the_example_town
from guichet_testing.builders.link import linked
from guichet_testing.doors.sandbox import Running, running_sandbox, running_town
from guichet_testing.doors.sandbox import Town as Doors
from guichet_testing.sealing import seal_model
from guichet_testing.town.sandbox_client import SandboxClient
from guichet_testing.twins.publisher import InMemoryPublisher
from guichet_testing.twins.store.cases.followed import InMemoryFollowedCases
from guichet_testing.twins.store.cases.store import InMemoryCaseStore
from guichet_testing.twins.store.deliveries.receipt_counts import InMemoryReceiptCounts
from guichet_testing.twins.store.deliveries.spending import InMemorySpending
from guichet_testing.twins.store.deliveries.store import InMemoryDeliveries
from guichet_testing.twins.store.deliveries.watched import InMemoryDeliveryDecisions, InMemoryWatchedDeliveries
from guichet_testing.twins.store.messages import InMemoryMessageStore
from guichet_testing.twins.store.objects import InMemoryObjects
from guichet_testing.twins.vault import InMemoryVault
from notifier.domain.draft import draft
from notifier.domain.finish_letter import finish
from notifier.domain.mail_message import MailWriter
from notifier.domain.unfinished_letter import UnfinishedLetter
from notifier.domain.wording import Wording
from notifier.handlers.announce_changes import Announcer
from notifier.handlers.limit_receipts import Ceiling
from notifier.handlers.owe_another_way import OtherWays
from notifier.handlers.owe_letters import Handlers
from notifier.handlers.redirect_letters import Redirects
from notifier.handlers.watch_deliveries import Watch
from notifier.handlers.write_bundles import BundleWriter
from notifier.handlers.write_letters import LetterWriter

ARRIVED = datetime(2026, 4, 30, 23, 30, tzinfo=UTC)  # 1 May in Paris, a holiday; due on Monday the 4th
ADDRESSES = {
    "email": ("email", "amina.benali@courriel.example", "contact@mairie.example"),
    "portal": ("email", "amina.benali@courriel.example", "portal"),
    "sms": ("phone", "+33639980101", "+33939000000"),
    "whatsapp": ("phone", "+33639980101", "+33939000001"),
    "telegram": ("telegram", "710000101", "saint_aubin_bot"),
    "letter": ("email", "amina.benali@courriel.example", "guichet"),
    "counter": ("email", "amina.benali@courriel.example", "guichet"),
}


MAILS = MailWriter(the_example_town(), b"r" * 32)


@dataclass
class World:
    """Everything around the notifier."""

    town: Town
    now: datetime = ARRIVED + timedelta(seconds=2)
    deliveries: InMemoryDeliveries = field(default_factory=InMemoryDeliveries)
    cases: InMemoryCaseStore = field(default_factory=InMemoryCaseStore)
    messages: InMemoryMessageStore = field(default_factory=InMemoryMessageStore)
    objects: InMemoryObjects = field(default_factory=InMemoryObjects)
    vault: InMemoryVault = field(default_factory=InMemoryVault)
    publisher: InMemoryPublisher = field(default_factory=InMemoryPublisher)
    counts: InMemoryReceiptCounts = field(default_factory=InMemoryReceiptCounts)
    spending: InMemorySpending = field(default_factory=InMemorySpending)
    receipts_a_day: int = 10
    woken: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.history, self.views = self.cases.history, self.cases.views
        self.deliveries.store_clock = self.clock
        self.watched = InMemoryWatchedDeliveries(self.deliveries)
        self.decisions = InMemoryDeliveryDecisions(self.deliveries)
        self.announcer = Announcer(self.deliveries, self.publisher, self.clock, self.go_on)
        self.watch = Watch(self.watched, self.clock, self.deliveries.has_due)

    def clock(self) -> datetime:
        return self.now

    @property
    def handlers(self) -> Handlers:
        return Handlers(
            deliveries=self.deliveries,
            decisions=self.decisions,
            cases=self.cases,
            messages=self.messages,
            announcer=self.announcer,
            town=self.town,
            wording=self.wording,
            wake=self.woken.append,
            note_owed=self.watch.note_owed,
            clock=self.clock,
        )

    @property
    def view_writer(self) -> ViewWriter:
        return ViewWriter(InMemoryFollowedCases(self.cases), self.messages, self.views, self.vault, self.town)

    @property
    def wording(self) -> Wording:
        return Wording(self.town, "https://guichet.mairie.example/")

    @property
    def writer(self) -> LetterWriter:
        return LetterWriter(
            self.cases,
            self.messages,
            self.vault,
            self.vault,
            self.wording,
            self.ceiling,
            MAILS,
            self.objects,
            self.clock,
        )

    @property
    def redirects(self) -> Redirects:
        announce = self.announcer.announce_soon
        return Redirects(self.deliveries, self.cases, self.messages, self.vault, self.town, announce, self.clock)

    async def go_on(self, failed: DeliveryDocument) -> Sequence[DeliveryDocument]:
        return await self.ways.go_on(failed)

    @property
    def ways(self) -> OtherWays:
        around = (self.deliveries, self.cases, self.messages, self.vault, self.town, self.wording)
        return OtherWays(*around, self.clock)

    @property
    def ceiling(self) -> Ceiling:
        return Ceiling(self.counts, b"k" * 32, self.receipts_a_day, self.clock)

    @property
    def bundle_writer(self) -> BundleWriter:
        return BundleWriter(self.writer, self.wording)

    def lane_of(self, channel: ChannelName) -> str:
        return FACTS[channel].lane

    async def owe_receipts(self, *openings: CaseOpened) -> None:
        """Tell of new cases as the topic does, in one batch."""
        batch = [Received(each, CASE_EVENTS.name, 0, 0, each.case_id) for each in openings]
        await self.handlers.owe_receipts(batch)

    async def write(self, intent: DeliveryDocument) -> Letter:
        """Write one letter; raise why there is none."""
        [written] = await self.writer.write([intent])
        if isinstance(written, Exception):
            raise written
        return written

    async def draft(self, intent: DeliveryDocument) -> UnfinishedLetter:
        """Say what a letter will say, before it has the form of its channel."""
        return draft(intent, await self.writer.read([intent]), self.wording).letter

    async def claimed(self, lane: str, hold: timedelta) -> DeliveryDocument:
        """Claim what a lane has and begin to send it, as a sender that died would have."""
        [held] = await self.deliveries.claim(lane, "killed", self.now, hold, 1)
        await self.deliveries.begin([held], self.now, hold)
        return held

    async def announced(self) -> list[Any]:
        await self.announcer.announce_gathered()
        return self.publisher.on(DELIVERY_EVENTS)

    async def citizen_writes(self, channel: ChannelName = "email", name: str = "case-1", **replaced: Any) -> CaseRecord:
        """Put a case and its opening message where the router would."""
        kind, address, account = ADDRESSES[channel]
        case = await linked(a_case(name, channel=channel, account=account, received_at=ARRIVED, **replaced), self.vault)
        content = InboundContent(
            sender=(Identifier(kind=kind, value=address),),
            subject="Re: Lampadaire éteint" if channel == "email" else None,
            text="Le lampadaire de la rue des Tilleuls est éteint.",
            thread=MailThread(message_id=f"{name}@courriel.example", references=("racine@courriel.example",))
            if channel == "email"
            else None,
        )
        await self.receive(case.opened_by, channel, account, content, case.case_id)
        self.cases.cases[case.case_id] = case
        return case

    async def receive(
        self,
        message_id: MessageId,
        channel: ChannelName,
        account: str,
        content: InboundContent,
        case: CaseId,
        **more: Any,
    ) -> MessageDocument:
        [key] = await self.vault.new_keys(1)
        message = MessageDocument(
            _id=message_id,
            direction=Direction.INBOUND,
            channel=channel,
            accounts=(account,),
            at=ARRIVED,
            filed=case,
            content=seal_model(key, Thing("message", message_id), "content", content),
            **more,
        )
        self.messages.messages[message_id] = message
        return message

    async def agent_answers(
        self,
        case: CaseRecord,
        text: str = "Nous réparons demain.",
        name: str = "reply-to",
        files: Sequence[tuple[str, str, bytes]] = (),
        to: Identifier | None = None,
        question: Question | None = None,
        id_: str | None = None,
        **said: Any,
    ) -> ReplyRequested:
        """Put an agent's words, and files (name, type, content), where the desk would; return what the router says.

        to: the address that they chose. question: asked by a form. id_: in the form that ids have, which a provider's
        report needs. said: what else the router says.
        """
        outbound_id = MessageId(id_ or f"{name}-{case.case_id}")
        [key] = await self.vault.new_keys(1)
        names = {f"file-{number}": name for number, (name, _, _) in enumerate(files)}
        for number, (_, _, content) in enumerate(files):
            await self.objects.put(f"file-{number}", attachment(f"file-{number}").seal(key, outbound_id, content).box)
        self.messages.messages[outbound_id] = MessageDocument(
            _id=outbound_id,
            direction=Direction.OUTBOUND,
            channel=case.channel,
            accounts=(case.account,),
            at=self.now,
            filed=case.case_id,
            attachments=tuple(
                Attachment(attachment_id=f"file-{number}", content_type=kind, size_bytes=len(content))
                for number, (_, kind, content) in enumerate(files)
            ),
            content=OUTBOUND_CONTENT.seal(
                key, outbound_id, OutboundContent(text=text, attachment_names=names, to=to, question=question)
            ),
            author=AgentId("agent-12"),
        )
        return ReplyRequested(**event_of(case, 2), outbound_id=outbound_id, by=AgentId("agent-12"), **said)

    def opened(self, case: CaseRecord, **replaced: Any) -> CaseOpened:
        values = {
            **event_of(case, 1),
            "message_id": case.opened_by,
            "channel": case.channel,
            "account": case.account,
            "received_at": case.received_at,
            "routing": RoutingReason(rule="voirie", kind="keyword"),
        }
        return CaseOpened(**(values | replaced))

    async def receipt_of(self, case: CaseRecord) -> DeliveryDocument:
        [receipt] = [each for each in await self.deliveries.of_case(case.case_id) if each.purpose is Purpose.AEE]
        return receipt

    async def erase(self, message_id: MessageId) -> None:
        await self.vault.destroy_keys([self.messages.messages[message_id].content.key_id])

    def reported(
        self, outbound_id: MessageId, status: str, error_code: str | None = None, channel: str = "sms"
    ) -> DeliveryReported:
        return DeliveryReported(
            event_id=EventId(f"report-{status}"),
            occurred_at=self.now,
            outbound_id=outbound_id,
            channel=channel,
            provider_id="SM1",
            status=status,
            error_code=error_code,
        )


def event_of(case: CaseRecord, version: int) -> dict[str, Any]:
    return {
        "event_id": EventId(f"event-{case.case_id}-{version}"),
        "occurred_at": ARRIVED + timedelta(seconds=1),
        "case_id": case.case_id,
        "reference": case.reference,
        "version": version,
        "caused_by": case.opened_by,
        "sector": case.sector,
        "department": case.department,
        "citizen": case.citizen,
    }


def a_letter(channel: ChannelName = "email", **replaced: Any) -> Letter:
    return finish(an_unfinished_letter(channel, **replaced), MAILS)


def an_unfinished_letter(channel: ChannelName = "email", **replaced: Any) -> UnfinishedLetter:
    _, address, account = ADDRESSES[channel]
    values: dict[str, Any] = {
        "outbound_id": MessageId("0f9e8d7c6b5a49382716051423324150"),
        "channel": channel,
        "account": account,
        "reference": "2026-7F3K-29Q",
        "is_receipt": True,
        "recipient": address,
        "subject": "Re: Lampadaire éteint – demande 2026-7F3K-29Q enregistrée",
        "text": "Bonjour,\n\nVotre message est enregistré. 💡",
        "thread": MailThread(message_id="b@courriel.example", references=("a@courriel.example",)),
    }
    return UnfinishedLetter(**(values | replaced))


@pytest.fixture(scope="session")
def town() -> Town:
    return the_example_town()


@pytest.fixture
def world(town: Town) -> World:
    return World(town)


@pytest.fixture(scope="session")
def lasting_world(town: Town) -> World:
    """One world for all examples of a property, each a receipt to one address."""
    return World(town, receipts_a_day=1_000_000)


@pytest.fixture(scope="session")
def letter_of() -> Any:
    """The builder of letters."""
    return a_letter


@pytest.fixture(scope="session")
def unfinished_letter_of() -> Any:
    """The builder of letters that have not the form of their channel yet."""
    return an_unfinished_letter


@pytest.fixture(scope="session")
async def town_behind() -> AsyncIterator[Doors]:
    """What the providers hand over to, and report to."""
    async with running_town() as doors:
        yield doors


@pytest.fixture(scope="session")
async def providers(town_behind: Doors) -> AsyncIterator[Running]:
    """Twilio, Telegram and a mail relay, as the sandbox plays them."""
    async with running_sandbox(town_behind) as running:
        yield running


@pytest.fixture
async def sandbox(providers: Running) -> AsyncIterator[SandboxClient]:
    async with SandboxClient(providers.url) as client:
        await client.reset()
        yield client
        await client.reset()
