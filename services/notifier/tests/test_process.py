"""The notifier as a process, on real Kafka, real mongod and the sandbox's providers."""

# ruff: noqa: ASYNC110  waits by looking; a process that ends at once may block

import asyncio
import os
import signal
import subprocess
import sys
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from guichet.clock import SystemClock
from guichet.contracts.delivery import DeliveryState
from guichet.contracts.inbound import Automatic, ChannelName
from guichet.contracts.topics import CASE_EVENTS, DELIVERY_EVENTS, DELIVERY_REPORTS
from guichet.ids import AgentId, EventId, receipt_id
from guichet.kafka.admin.topics import create_topics
from guichet.kafka.produce.publisher import KafkaPublisher, Publication
from guichet.mongo.client import Database, connect, connect_vault
from guichet.runtime.settings import KafkaSettings, MongoSettings, OpeningSettings
from guichet.store.agents.news import AgentNews, MongoAgentNews, NewsKind, news_id
from guichet.store.agents.preferences import MailWish, MongoPreferences, Preference
from guichet.store.agents.staff import MongoStaff, entry_of
from guichet.store.cases.store import MongoCaseStore
from guichet.store.deliveries.store import MongoDeliveries
from guichet.store.messages.store import MongoMessageStore
from guichet.store.setup.schema import prepare
from guichet.town.staff.overlay import Overlay, StaffKind
from guichet.vault.mongo_vault import open_vault
from guichet.vault.setup import initialise_vault
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.doors.sandbox import TELEGRAM_TOKEN, Running
from guichet_testing.forks.popen import fork
from guichet_testing.town.sandbox_client import SandboxClient
from guichet_testing.until import PATIENCE_S

S, KARIM = DeliveryState, AgentId("agent-12")
SETTLE_AFTER = timedelta(seconds=1)


@dataclass
class Stack:
    """The servers, what the router would have written there, and the notifier's process."""

    world: Any
    environment: dict[str, str]
    cases: MongoCaseStore
    messages: MongoMessageStore
    deliveries: MongoDeliveries
    publisher: KafkaPublisher
    database: Database
    process: subprocess.Popen[bytes] | None = None
    events: list[Any] = field(default_factory=list)

    @property
    def servers(self) -> str:
        return self.environment["GUICHET_KAFKA_BOOTSTRAP_SERVERS"]

    async def open_case(self, channel: ChannelName, name: str, **opened: Any) -> Any:
        case = await self.world.citizen_writes(channel, name, sector="voirie-espace-public")
        await self.messages.insert_outbound(self.world.messages.messages[case.opened_by])
        await self.cases.insert_new([case])
        await self.publisher.publish(Publication(CASE_EVENTS, self.world.opened(case, **opened)))
        return case

    async def give_to_karim(self, case: Any) -> None:
        """Let a case become an agent's work, who wants mails, to the address of somebody whose mails are seen here."""
        at = SystemClock().now() - timedelta(minutes=5)
        agent = self.world.town.staff.by_id[KARIM].model_copy(update={"work_email": "louis.marchand@courriel.example"})
        entry = entry_of(Overlay(StaffKind.AGENT, KARIM, agent), at=at, by=None)
        await MongoStaff(self.database).put(entry, over=None)
        nobody = Preference(_id=KARIM)
        await MongoPreferences(self.database).put(nobody.with_mails(MailWish.SOON, "fr", at), over=nobody)
        named = news_id(KARIM, EventId("given"), NewsKind.GIVEN)
        news = AgentNews(
            _id=named, agent=KARIM, case_id=case.case_id, kind=NewsKind.GIVEN, by=None, at=at, to_mail=True
        )
        await MongoAgentNews(self.database).add([news])

    async def answer(self, case: Any) -> None:
        requested = await self.world.agent_answers(case)
        await self.messages.insert_outbound(self.world.messages.messages[requested.outbound_id])
        await self.publisher.publish(Publication(CASE_EVENTS, requested))

    def start(self) -> None:
        self.process = fork("notifier", environment=self.environment)

    async def stop(self, number: int = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return await asyncio.to_thread(self.process.wait, 40)

    async def state_of(self, case: Any) -> DeliveryState | None:
        wanted = receipt_id(case.case_id, "AEE")
        found = [each for each in await self.deliveries.of_case(case.case_id) if each.outbound_id == wanted]
        return found[0].state if found else None

    async def reaches(self, case: Any, *states: DeliveryState) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while await self.state_of(case) not in states:
                await asyncio.sleep(0.1)

    async def states_of(self, case: Any) -> list[str]:
        """Return the states of a case's receipt that are on delivery-events."""
        consumer = AIOKafkaConsumer(DELIVERY_EVENTS.name, bootstrap_servers=self.servers, auto_offset_reset="earliest")
        await consumer.start()
        try:
            partitions = consumer.assignment()
            await consumer.seek_to_beginning(*partitions)
            ends = await consumer.end_offsets(list(partitions))
            records = []
            while any([await consumer.position(each) < ends[each] for each in partitions]):
                batch = await consumer.getmany(timeout_ms=500)
                records += [record for found in batch.values() for record in found]
        finally:
            await consumer.stop()
        events = [DELIVERY_EVENTS.events.validate_json(record.value) for record in records]
        return [event.state.value for event in events if event.case_id == case.case_id]

    async def rewind(self) -> None:
        """Set the group's offsets to zero: everything is told to it again."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.servers, group_id="notifier", enable_auto_commit=False)
        await consumer.start()
        topics = (CASE_EVENTS, DELIVERY_REPORTS)
        partitions = [TopicPartition(topic.name, nth) for topic in topics for nth in range(topic.partitions)]
        consumer.assign(partitions)
        await consumer.commit(dict.fromkeys(partitions, 0))
        await consumer.stop()

    async def has_caught_up(self) -> None:
        partitions = [TopicPartition(CASE_EVENTS.name, nth) for nth in range(CASE_EVENTS.partitions)]
        consumer = AIOKafkaConsumer(bootstrap_servers=self.servers, group_id="notifier", enable_auto_commit=False)
        await consumer.start()
        try:
            consumer.assign(partitions)
            ends = await consumer.end_offsets(partitions)
            async with asyncio.timeout(PATIENCE_S):
                while any([(await consumer.committed(each) or 0) < ends[each] for each in partitions]):
                    await asyncio.sleep(0.3)
        finally:
            await consumer.stop()


@pytest.fixture
async def stack(
    world: Any, providers: Running, kafka_server: Any, mongo_server: Any, mongo_database: str, tmp_path: Path
) -> AsyncIterator[Stack]:
    mongo = MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database)
    kafka = KafkaSettings(kafka_bootstrap_servers=kafka_server.bootstrap_servers)
    opening = OpeningSettings(
        mongodb_uri=mongo_server.uri, vault_database=f"{mongo_database}_vault", root_key_file=tmp_path / "root.key"
    )
    database = connect(mongo)
    await prepare(database, clock=SystemClock().now)
    await initialise_vault(connect_vault(opening), tmp_path / "root.key", clock=SystemClock().now)
    await create_topics(kafka, topics=[CASE_EVENTS, DELIVERY_REPORTS, DELIVERY_EVENTS])
    world.vault = open_vault(opening, clock=SystemClock().now)
    key = b64encode(b"k" * 32).decode()
    environment = {
        **os.environ,
        "GUICHET_KAFKA_BOOTSTRAP_SERVERS": kafka_server.bootstrap_servers,
        "GUICHET_MONGODB_URI": mongo_server.uri,
        "GUICHET_MONGODB_DATABASE": mongo_database,
        "GUICHET_VAULT_DATABASE": f"{mongo_database}_vault",
        "GUICHET_ROOT_KEY_FILE": str(tmp_path / "root.key"),
        "GUICHET_TOWN": str(EXAMPLE_TOWN),
        "GUICHET_HEALTH_PORT": "0",
        "GUICHET_LOG_LEVEL": "warning",
        "GUICHET_PORTAL_URL": "https://guichet.mairie.example",
        "GUICHET_DESK_URL": "https://agents.mairie.example",
        "GUICHET_REFERENCE_KEY": key,
        "GUICHET_SENDER_SOCKETS": str(tmp_path / "s"),
        "GUICHET_OBJECTS_URL": (tmp_path / "objects").as_uri(),
        "GUICHET_NOTIFIER_SETTLE_AFTER": "PT1S",
    }
    accounts = {
        "mail": {
            "GUICHET_SMTP_HOST": "127.0.0.1",
            "GUICHET_SMTP_PORT": str(providers.smtp_port),
            "GUICHET_SMTP_SECURITY": "none",
        },
        "twilio": {
            "GUICHET_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
            "GUICHET_TWILIO_AUTH_TOKEN": "un-jeton",
            "GUICHET_TWILIO_API_URL": providers.url,
            "GUICHET_TWILIO_NUMBER": "+33939000000",
            "GUICHET_TWILIO_WHATSAPP_NUMBER": "+33939000001",
            "GUICHET_TWILIO_PUBLIC_URL": "https://guichet.mairie.example",
        },
        "telegram": {"GUICHET_TELEGRAM_TOKEN": TELEGRAM_TOKEN, "GUICHET_TELEGRAM_API_URL": providers.url},
    }
    senders = [
        fork(
            "notifier_sender",
            environment={
                "PATH": os.environ["PATH"],
                "GUICHET_LOG_LEVEL": "warning",
                "GUICHET_LANE": lane,
                "GUICHET_SENDER_SOCKETS": str(tmp_path / "s"),
                **account,
            },
        )
        for lane, account in accounts.items()
    ]
    async with KafkaPublisher(kafka, "tester") as publisher:
        stack = Stack(
            world,
            environment,
            MongoCaseStore(database),
            MongoMessageStore(database),
            MongoDeliveries(database),
            publisher,
            database,
        )
        yield stack
        if stack.process is not None and stack.process.poll() is None:
            stack.process.kill()
            stack.process.wait()
        for each in senders:
            each.kill()
            each.wait()


@pytest.mark.real
async def test_receipts_and_answers_go_out_once_and_a_full_replay_sends_none_again(
    stack: Stack, sandbox: SandboxClient
):
    by_mail = await stack.open_case("email", "by-mail")
    by_sms = await stack.open_case("sms", "by-sms")
    by_chat = await stack.open_case("telegram", "by-chat")
    by_machine = await stack.open_case("email", "by-machine", automatic=Automatic.AUTO_SUBMITTED)
    await stack.give_to_karim(by_mail)
    stack.start()
    for case, receive in (
        (by_mail, sandbox.wait_for_mail),
        (by_sms, sandbox.wait_for_sms),
        (by_chat, sandbox.wait_for_telegram),
    ):
        receipt = await receive("amina-benali", containing=case.reference)
        assert "/suivi/" in receipt.text
        await stack.reaches(case, S.SENT)
    await stack.reaches(by_machine, S.WITHHELD)
    await stack.answer(by_mail)
    await sandbox.wait_for_mail("amina-benali", containing="Nous réparons demain.")
    to_an_agent = await sandbox.wait_for_mail("louis-marchand", containing="cette demande vous est attribuée")
    assert (by_mail.reference in to_an_agent.text, to_an_agent.counterpart) == (True, "<>"), "the null return path"
    assert await stack.stop() == 0
    assert await stack.states_of(by_mail) == ["sent", "sent"]  # receipt and answer
    assert await stack.states_of(by_machine) == ["withheld"]

    before = len(await sandbox.entries())
    await stack.rewind()
    stack.start()
    await stack.has_caught_up()
    assert await stack.stop() == 0
    assert len(await sandbox.entries()) == before
    assert await stack.states_of(by_machine) == ["withheld"]


@pytest.mark.real
async def test_a_kill_in_mid_attempt_neither_loses_nor_doubles_an_sms(stack: Stack, sandbox: SandboxClient):
    await sandbox.misbehave("twilio-answer-lost")
    case = await stack.open_case("sms", "killed")
    stack.start()
    await sandbox.wait_for_sms("amina-benali", containing=case.reference)
    await stack.stop(signal.SIGKILL)
    assert await stack.state_of(case) is S.PENDING  # it left, and nobody knows
    stack.start()
    await stack.reaches(case, S.SENT, S.DELIVERED)
    assert await stack.stop() == 0
    assert len(await sandbox.entries("amina-benali", containing=case.reference)) == 1


@pytest.mark.real
async def test_a_missing_setting_is_named_and_ends_the_start(stack: Stack):
    del stack.environment["GUICHET_REFERENCE_KEY"], stack.environment["GUICHET_SENDER_SOCKETS"]
    said = subprocess.run(
        [sys.executable, "-m", "notifier"], env=stack.environment, capture_output=True, timeout=30, check=False
    )
    assert said.returncode == 78
    assert b"GUICHET_REFERENCE_KEY is not set" in said.stderr
    assert b"GUICHET_SENDER_SOCKETS is not set" in said.stderr
