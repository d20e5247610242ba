"""The real router on the real broker over stores in memory, a social case in them, and what an attack left there."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any, Final

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from case_router.app import build_router
from case_router.domain.keys import RouterKeys
from case_router.entry.consumers import add_consumers
from case_router.entry.parts import Stores
from case_router.handlers.open_messages import as_cause
from guichet.case.history import HistoryEntry
from guichet.case.record import CaseRecord
from guichet.clock import SystemClock
from guichet.contracts.case_commands import CaseCommand, MailCommand, RerouteCase
from guichet.contracts.inbound import Suspicion
from guichet.contracts.topics import CASE_COMMANDS, TOPICS, Topic
from guichet.errors import TransientError
from guichet.ids import AgentId, DepartmentId, EventId, derive_id
from guichet.kafka.admin.group_offsets import set_offsets
from guichet.kafka.admin.topics import create_topics
from guichet.kafka.consume.worker import Worker
from guichet.kafka.dead_letters.index import DeadLetterIndex, IndexedLetter, open_letter, replay
from guichet.kafka.dead_letters.publish import DeadLetters
from guichet.kafka.produce.producer import Producer, Record
from guichet.privacy.signing.records import Signer
from guichet.runtime.settings import HttpSettings, KafkaSettings
from guichet.runtime.telemetry.alarms import Alarm, clear_alarm
from guichet.runtime.telemetry.metrics import ALARM
from guichet.store.messages.document import MessageDocument
from guichet.store.messages.suspension import Suspension
from guichet.town import Town
from guichet.vault.sealing import Thing, seal
from guichet_testing.builders.case import ARRIVED, a_case
from guichet_testing.builders.example_town import the_example_town
from guichet_testing.builders.inbound import mail_content, sealed_message
from guichet_testing.builders.signers import DOORS, a_verifier
from guichet_testing.real.broker import working
from guichet_testing.twins.publisher import InMemoryPublisher
from guichet_testing.twins.store.abuse_declarations import InMemoryAbuseDeclarations
from guichet_testing.twins.store.agents.absences import InMemoryAbsences
from guichet_testing.twins.store.agents.news import InMemoryAgentNews
from guichet_testing.twins.store.agents.on_call import InMemoryOnCallRota
from guichet_testing.twins.store.agents.rights import InMemoryAgentRights
from guichet_testing.twins.store.cases.history import InMemoryCaseHistory
from guichet_testing.twins.store.cases.store import InMemoryCaseStore
from guichet_testing.twins.store.commands import InMemoryCommandStore
from guichet_testing.twins.store.messages import InMemoryMessageStore
from guichet_testing.twins.store.notes import InMemoryNotes
from guichet_testing.twins.store.registry.citizens import InMemoryCitizenStore
from guichet_testing.twins.store.registry.identifiers import InMemoryIdentifierStore
from guichet_testing.twins.store.suspended_mail import InMemorySuspendedMail, InMemoryUnseenMails
from guichet_testing.twins.store.threads import InMemoryThreadStore
from guichet_testing.twins.vault import InMemoryVault
from guichet_testing.until import until

TOWN: Final = the_example_town()
LATER: Final = ARRIVED + timedelta(hours=1)
ROUTER: Final = "case-router"


@dataclass
class AttackedRouter:
    """A router at work. producer: as whoever got at the broker; it signs nothing by itself."""

    kafka: KafkaSettings
    producer: Producer
    index: DeadLetterIndex
    cases: InMemoryCaseStore = field(default_factory=InMemoryCaseStore)
    history: InMemoryCaseHistory = field(default_factory=InMemoryCaseHistory)
    commands: InMemoryCommandStore = field(default_factory=InMemoryCommandStore)
    rights: InMemoryAgentRights = field(default_factory=InMemoryAgentRights)
    messages: InMemoryMessageStore = field(default_factory=InMemoryMessageStore)
    publisher: InMemoryPublisher = field(default_factory=InMemoryPublisher)
    vault: InMemoryVault = field(default_factory=InMemoryVault)
    town: Town = TOWN
    hosts: tuple[str, ...] = ()

    def worker(self) -> Worker:
        """Return the router as its composition root puts it together."""
        stores = Stores(
            cases=self.cases,
            history=self.history,
            messages=self.messages,
            suspended=InMemorySuspendedMail(self.messages),
            unseen=InMemoryUnseenMails(),
            commands=self.commands,
            abuse=InMemoryAbuseDeclarations(),
            rights=self.rights,
            news=InMemoryAgentNews(),
            on_call=InMemoryOnCallRota(),
            absences=InMemoryAbsences(),
            notes=InMemoryNotes(),
            threads=InMemoryThreadStore(),
            identifiers=InMemoryIdentifierStore(),
            citizens=InMemoryCitizenStore(),
        )
        keys = RouterKeys(*(bytes([nth]) * 32 for nth, _ in enumerate(fields(RouterKeys), 1)))
        router = build_router(stores, self.vault, self.publisher, self.town, keys, clock=lambda: LATER)
        letters = DeadLetters(self.kafka, self.vault, service=ROUTER, now=SystemClock().now)
        worker = Worker(
            ROUTER,
            self.kafka,
            HttpSettings(),
            letters,
            verifier=a_verifier(*DOORS, *self.hosts),
            seen_after=timedelta(0),
        )
        add_consumers(worker, router.handle, self.town.facts, letters.keep_given_up)
        return worker

    def a_case(self, name: str, department: str = "ccas") -> CaseRecord:
        """Put a case of a department into the store."""
        sector = TOWN.sector_of(DepartmentId(department))
        case = a_case(name, department=department, sector=sector)
        here = DepartmentId(department)
        self.history.put(HistoryEntry(case_id=case.case_id, version=1, type="CaseOpened", at=ARRIVED, department=here))
        self.cases.cases[case.case_id] = case
        return case

    async def a_reroute(self, case: CaseRecord, name: str, *, by: str, to: str = "voirie") -> RerouteCase:
        """Return the command, not published."""
        [key] = await self.vault.new_keys(1)
        return RerouteCase(
            event_id=EventId(derive_id("attack", name)),
            occurred_at=LATER,
            case_id=case.case_id,
            issued_by=AgentId(by),
            department=DepartmentId(to),
            reason=seal(key, Thing("case", case.case_id), name, b"parce que"),
        )

    async def a_suspended_mail(self, name: str, department: str = "ccas") -> MessageDocument:
        """Put a mail that waits for an agent of a department into the store."""
        event = await sealed_message(self.vault, name, mail_content(f"{name}@courriel.example", message_id=name))
        held = Suspension(
            why=Suspicion.SPAM,
            department=DepartmentId(department),
            sector=TOWN.sector_of(DepartmentId(department)),
        )
        mail = as_cause(event, None).model_copy(update={"suspended": held})
        await self.messages.insert_causes([mail])
        return mail

    async def refusal(self, record: Record) -> IndexedLetter:
        """Write a record on the broker; return the dead letter that it ended as."""
        before = len(await self.index.letters())
        await self.producer.send([record])
        return await self._next_letter(before)

    async def replayed(self, indexed: IndexedLetter) -> IndexedLetter:
        """Replay a dead letter; return the letter that its record ended as again."""
        before = len(await self.index.letters())
        await self.replay(indexed)
        return await self._next_letter(before)

    async def replay(self, indexed: IndexedLetter) -> None:
        """Replay a dead letter as an operator does."""
        content = await open_letter(indexed.letter, self.vault)
        await replay(indexed.letter, content, self.producer, by=AgentId("uid-1000"), at=datetime.now(UTC))

    async def _next_letter(self, before: int) -> IndexedLetter:
        async with asyncio.timeout(30):
            while len(letters := await self.index.letters()) == before:  # noqa: ASYNC110  looked at, not told
                await asyncio.sleep(0.05)
        return [*letters.values()][-1]

    async def is_moved(self, case: CaseRecord, department: str) -> None:
        """Return once a case is in another department. Raises TimeoutError."""
        await until(lambda: self.cases.cases[case.case_id].department == department, seconds=30)

    def has_alarm(self, alarm: Alarm, topic: Topic[Any] = CASE_COMMANDS) -> bool:
        """Return whether the router raised it over what came on a topic."""
        return ALARM.labels(alarm.value, _cause(topic))._value.get() == 1

    def is_untouched(self, case: CaseRecord) -> bool:
        """Return whether nothing at all came of what was tried on a case."""
        about = [command for command in self.commands.commands.values() if command.case_id == case.case_id]
        return self.cases.cases[case.case_id] == case and about == [] and self.publisher.published == []


def _cause(topic: Topic[Any]) -> str:
    return f"{ROUTER}:{topic.name}"


async def begin_now(kafka: KafkaSettings) -> None:
    """Have the router read no record that another test left on the broker: too many dead letters end it."""
    places = [TopicPartition(topic.name, number) for topic in TOPICS for number in range(topic.partitions)]
    async with AIOKafkaConsumer(bootstrap_servers=kafka.kafka_bootstrap_servers) as consumer:
        ends = await consumer.end_offsets(places)
    async with asyncio.timeout(30):
        while True:
            try:
                return await set_offsets(kafka, ROUTER, ends)
            except TransientError:  # a broker that has just started keeps no groups yet
                await asyncio.sleep(0.2)


@asynccontextmanager
async def attacked(
    kafka: KafkaSettings,
    town: Town = TOWN,
    on: Sequence[Topic[Any]] = (CASE_COMMANDS,),
    hosts: tuple[str, ...] = (),
) -> AsyncIterator[AttackedRouter]:
    """Run a router during the block. on: the topics of which dead letters and alarms are looked at. hosts: of third
    parties, whose keys it knows.
    """
    for alarm, topic in product((Alarm.FORGED, Alarm.NO_RIGHT), on):
        clear_alarm(alarm, _cause(topic))
    await create_topics(kafka, topics=TOPICS)
    await begin_now(kafka)
    async with AsyncExitStack() as stack:
        producer = Producer(kafka, "attacker", timeout=timedelta(seconds=8), linger=timedelta(0))
        index = await stack.enter_async_context(DeadLetterIndex(kafka, on))
        attack = AttackedRouter(kafka, await stack.enter_async_context(producer), index, town=town, hosts=hosts)
        await stack.enter_async_context(working(attack.worker()))
        yield attack


def unsigned(command: CaseCommand | MailCommand) -> Record:
    """Return a command as somebody without any key writes it."""
    return Record(CASE_COMMANDS.name, _key_of(command).encode(), command.model_dump_json().encode())


def _key_of(command: CaseCommand | MailCommand) -> str:
    return command.message_id if isinstance(command, MailCommand) else command.case_id


def signed_by(signer: Signer, command: CaseCommand | MailCommand, *, key: str | None = None) -> Record:
    """Return a command with a signature. key: another than the case's."""
    record_key, value = (key or _key_of(command)).encode(), command.model_dump_json().encode()
    signed = signer.sign(CASE_COMMANDS.name, record_key, value)
    return Record(CASE_COMMANDS.name, record_key, value, signed.headers)
