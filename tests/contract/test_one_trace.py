"""One mail, one trace: from the edge over the router to the receipt's DeliveryChanged and back into the case."""

from datetime import timedelta

from structlog.testing import capture_logs

from case_router.app import build_router
from case_router.domain.keys import RouterKeys
from case_router.entry.parts import Stores
from guichet.channel.draft import Draft
from guichet.channel.outgoing.letter import Letter
from guichet.channel.outgoing.outcomes import Outcome, sent
from guichet.channel.outgoing.rate import Rate
from guichet.channel.outgoing.sender import Sender
from guichet.contracts.base import Event
from guichet.contracts.case_events import CaseOpened
from guichet.contracts.topics import CASE_EVENTS, DELIVERY_EVENTS, INBOUND_EMAIL, Topic
from guichet.ids import MessageId
from guichet.kafka.records import Received
from guichet.runtime.telemetry.tracing import configure_tracing, trace_id_of
from guichet.town import Town
from guichet_testing.builders.example_town import the_example_town
from guichet_testing.builders.inbound import CONTACT, mail_content
from guichet_testing.conformance.world import World
from guichet_testing.twins.store.abuse_declarations import InMemoryAbuseDeclarations
from guichet_testing.twins.store.agents.absences import InMemoryAbsences
from guichet_testing.twins.store.agents.news import InMemoryAgentNews
from guichet_testing.twins.store.agents.on_call import InMemoryOnCallRota
from guichet_testing.twins.store.agents.rights import InMemoryAgentRights
from guichet_testing.twins.store.cases.history import InMemoryCaseHistory
from guichet_testing.twins.store.cases.store import InMemoryCaseStore
from guichet_testing.twins.store.commands import InMemoryCommandStore
from guichet_testing.twins.store.deliveries.receipt_counts import InMemoryReceiptCounts
from guichet_testing.twins.store.deliveries.store import InMemoryDeliveries
from guichet_testing.twins.store.deliveries.watched import InMemoryDeliveryDecisions
from guichet_testing.twins.store.messages import InMemoryMessageStore
from guichet_testing.twins.store.notes import InMemoryNotes
from guichet_testing.twins.store.objects import InMemoryObjects
from guichet_testing.twins.store.registry.citizens import InMemoryCitizenStore
from guichet_testing.twins.store.registry.identifiers import InMemoryIdentifierStore
from guichet_testing.twins.store.suspended_mail import InMemorySuspendedMail, InMemoryUnseenMails
from guichet_testing.twins.store.threads import InMemoryThreadStore
from notifier.domain.mail_message import MailWriter
from notifier.domain.wording import Wording
from notifier.entry.lane import Lane, LaneOptions
from notifier.handlers.account import Account
from notifier.handlers.announce_changes import Announcer
from notifier.handlers.limit_receipts import Ceiling
from notifier.handlers.owe_letters import Handlers
from notifier.handlers.write_letters import LetterWriter


class Relay(Sender):
    """Takes every mail."""

    name = "mail"

    async def try_send(self, letter: Letter) -> Outcome:
        return sent()


class Pipeline:
    """Edge, router and notifier around one broker and one store, in memory."""

    def __init__(self) -> None:
        self.world, self.town = World(), the_example_town()
        messages = InMemoryMessageStore()
        stores = Stores(
            cases=InMemoryCaseStore(),
            history=InMemoryCaseHistory(),
            messages=messages,
            suspended=InMemorySuspendedMail(messages),
            unseen=InMemoryUnseenMails(),
            commands=InMemoryCommandStore(),
            abuse=InMemoryAbuseDeclarations(),
            rights=InMemoryAgentRights(),
            news=InMemoryAgentNews(),
            on_call=InMemoryOnCallRota(),
            absences=InMemoryAbsences(),
            notes=InMemoryNotes(),
            threads=InMemoryThreadStore(),
            identifiers=InMemoryIdentifierStore(),
            citizens=InMemoryCitizenStore(),
        )
        keys = RouterKeys(*(bytes([number]) * 32 for number in range(1, 5)))
        self.router = build_router(stores, self.world.vault, self.world.broker, self.town, keys, clock=self.world.now)
        self.announcer, self.lane, self.handlers = self._notifier(stores, InMemoryDeliveries(), self.town)

    def _notifier(self, stores: Stores, deliveries: InMemoryDeliveries, town: Town) -> tuple[Announcer, Lane, Handlers]:
        announcer = Announcer(deliveries, self.world.broker, self.world.now)
        wording = Wording(town, "https://guichet.mairie.example/")
        ceiling = Ceiling(InMemoryReceiptCounts(), b"k" * 32, 10, self.world.now)
        mails = MailWriter(town, b"r" * 32)
        writer = LetterWriter(
            *(stores.cases, stores.messages, self.world.vault, self.world.vault),
            *(wording, ceiling, mails, InMemoryObjects(), self.world.now),
        )
        lane = Lane(
            Account(Relay(), Rate(per_second=10, burst=10), self.world.now, deliveries.taken),
            LaneOptions(hold=timedelta(minutes=2), settle_after=timedelta(0)),
            deliveries=deliveries,
            write=writer.write,
            announce=announcer.announce_soon,
            clock=self.world.now,
        )
        handlers = Handlers(
            deliveries=deliveries,
            decisions=InMemoryDeliveryDecisions(deliveries),
            cases=stores.cases,
            messages=stores.messages,
            announcer=announcer,
            town=town,
            wording=Wording(town, "https://portail.example"),
            wake=lambda _: None,
            note_owed=lambda _: None,
            clock=self.world.now,
        )
        return announcer, lane, handlers

    async def accept(self, message_id: str, sender: str) -> None:
        """Take a mail in, as ingest-email does."""
        content = mail_content(sender, message_id=f"{message_id}@courriel.example")
        draft = Draft(
            channel="email",
            accounts=(CONTACT,),
            message_id=MessageId(message_id),
            content=content,
            received_at=self.world.time,
            sender_key_value=sender,
        )
        await self.world.edge.accept(INBOUND_EMAIL, draft)

    async def work(self) -> None:
        """Let router and notifier do everything that there is to do."""
        await self.router.handle(self.on(INBOUND_EMAIL))
        openings = [each for each in self.on(CASE_EVENTS) if isinstance(each.event, CaseOpened)]
        await self.handlers.owe_receipts(openings)
        while not await self.lane.step():
            pass
        await self.announcer.announce_gathered()
        await self.router.handle(self.on(DELIVERY_EVENTS))

    def on(self, *topics: Topic[Event]) -> list[Received[Event]]:
        """Return what lies on these topics (all, when none is named) as a consumer takes it."""
        published = zip(self.world.broker.published, self.world.broker.records, strict=True)
        names = [topic.name for topic in topics]
        return [
            Received(each.event, record.topic, 0, 0, each.record_key, record.headers)
            for each, record in published
            if record.topic in names or not names
        ]


async def test_a_mail_and_all_that_follows_from_it_are_one_trace():
    configure_tracing()
    pipeline = Pipeline()
    with capture_logs() as lines:
        await pipeline.accept("first", "amina@courriel.example")
        await pipeline.accept("second", "paul@courriel.example")
        await pipeline.work()
    trace_of: dict[str, set[str]] = {}
    for received in pipeline.on():
        kept = dict(received.headers)["traceparent"].decode()
        trace_of.setdefault(type(received.event).__name__, set()).add(trace_id_of(kept))
    begun = trace_of["MessageReceived"]
    assert len(begun) == 2, "each mail its own"
    assert trace_of == dict.fromkeys(("MessageReceived", "CaseOpened", "DeliveryChanged", "DeliveryRecorded"), begun)

    accepted = {line["message_id"] for line in lines if line["event"] == "message accepted"}
    filed = {line["message_id"]: line for line in lines if line["event"] == "message filed"}
    assert set(filed) == accepted == {"first", "second"}
    assert {line["trace_id"] for line in filed.values()} == begun
    assert len({line["case_id"] for line in filed.values()}) == 2
