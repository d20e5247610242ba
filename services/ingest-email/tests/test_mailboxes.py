"""ingest-email as a process that reads mailboxes: a real Dovecot, Kafka and mongod, and kills in between."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree

import pytest

from guichet.clock import SystemClock
from guichet.contracts.inbound import MessageReceived
from guichet.contracts.topics import INBOUND_EMAIL
from guichet.mongo.client import Database, connect
from guichet.runtime.settings import MongoSettings
from guichet.store.setup.schema import prepare
from guichet_local.kafka.server import KafkaServer
from guichet_local.machine.ports import free_ports
from guichet_local.mongod.server import MongoServer
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.conformance.lmtp_source import lmtp_source
from guichet_testing.real.adapter_process import AdapterProcess
from guichet_testing.real.dovecot import Dovecot
from guichet_testing.real.maildir import Mailbox
from guichet_testing.until import until

CONTACT, PASSWORD = "contact@mairie.example", "un-secret-de-boite"
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

pytestmark = pytest.mark.real


def a_mail(number: int) -> bytes:
    return (
        f"From: perrine@exemple.test\r\nTo: {CONTACT}\r\nSubject: Lampadaire {number}\r\n"
        f"Message-ID: <{number}@exemple.test>\r\nDate: Mon, 02 Mar 2026 10:30:00 +0100\r\n\r\nIl est éteint.\r\n"
    ).encode()


@dataclass
class Place:
    """A town with one mailbox, and where its parts are."""

    dovecot: Dovecot
    mailbox: Mailbox
    kafka: KafkaServer
    mongo: MongoServer
    database: Database
    folder: Path

    @asynccontextmanager
    async def adapter(self, **more: str) -> AsyncIterator[AdapterProcess]:
        health_port, lmtp_port = free_ports(2)
        variables = {
            "TOWN": str(self.folder / "town"),
            "LMTP_PORT": str(lmtp_port),
            "IMAP_CONTACT_PASSWORD": PASSWORD,
            "IMAP_CA_FILE": str(self.dovecot.authority),
            **more,
        }
        async with AdapterProcess(
            "ingest_email", INBOUND_EMAIL, self.kafka.bootstrap_servers, self.mongo.uri, self.database.name,
            self.folder, health_port, variables,
        ) as adapter:  # fmt: skip
            yield adapter

    async def let_another_lead(self) -> None:
        """Let the lease of who was killed be over."""
        leases = {"_id": {"$regex": "^lease"}}
        await self.database["mailbox_places"].update_many(leases, {"$set": {"until": LONG_AGO}})


@pytest.fixture
async def place(
    dovecot: Dovecot, kafka_server: KafkaServer, mongo_server: MongoServer, mongo_database: str, tmp_path: Path
) -> AsyncIterator[Place]:
    town = tmp_path / "town"
    copytree(EXAMPLE_TOWN, town)
    (town / "mail.yaml").write_text(
        f"imap:\n  contact:\n    host: {dovecot.host}\n    port: {dovecot.tls_port}\n    user: {CONTACT}\n"
        "    since: 2026-01-01\n    afterwards: flag\n"
    )
    database = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
    await prepare(database, clock=SystemClock().now)
    yield Place(dovecot, dovecot.add_user(CONTACT, PASSWORD), kafka_server, mongo_server, database, tmp_path)
    database.client.close()


async def named(adapter: AdapterProcess, event: MessageReceived) -> str:
    """Return the Message-ID of a message, as the mailbox lists it."""
    content, _ = await adapter.opened(event)
    assert content.thread is not None
    return f"<{content.thread.message_id}>"


async def test_a_mail_of_a_mailbox_rests_sealed_on_the_topic_and_nothing_of_it_in_the_log(place: Place) -> None:
    place.mailbox.deliver([a_mail(1)])
    async with place.adapter(LOG_LEVEL="debug") as adapter:
        event = await adapter.next_message()
        content, _ = await adapter.opened(event)
        assert (event.accounts, content.subject) == ((CONTACT,), "Lampadaire 1")
        assert await adapter.stop() == 0
    for word in ("perrine", "Lampadaire", PASSWORD):
        assert word not in adapter.log


async def test_whoever_is_killed_loses_nothing_and_flags_nothing_that_is_not_safe(place: Place) -> None:
    mails = 240
    place.mailbox.deliver(a_mail(number) for number in range(mails))
    safe, ids = set[str](), set[str]()
    async with place.adapter() as adapter:
        for kill_after in (40, 90, None):
            while len(safe) < (kill_after or mails):
                event = await adapter.next_message()
                safe.add(await named(adapter, event))
                ids.add(event.message_id)
            if kill_after is not None:
                await adapter.kill_and_start()
                await place.let_another_lead()
        await until(lambda: sum("\\Flagged" in each.flags for each in place.mailbox.listing()) == mails, "flags")
    assert len(ids) == len(safe) == mails


async def test_what_is_flagged_when_a_process_is_killed_is_on_the_topic(place: Place) -> None:
    place.mailbox.deliver(a_mail(number) for number in range(200))
    async with place.adapter() as adapter:
        await adapter.next_message()
        await adapter.kill_and_start()  # its successor waits for the lease
        flagged = {each.message_id for each in place.mailbox.listing() if "\\Flagged" in each.flags}
        safe = {"<0@exemple.test>"}
        while True:
            try:
                safe.add(await named(adapter, MessageReceived.model_validate_json(await adapter.next_value(2))))
            except TimeoutError:
                break
    assert flagged <= safe
    assert 0 < len(safe) < 200


async def test_lmtp_takes_mail_though_the_store_and_the_mailbox_are_away(place: Place) -> None:
    place.dovecot.stop()
    async with place.adapter(MONGODB_URI="mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=500",
                             VAULT_MONGODB_URI=place.mongo.uri) as adapter:  # fmt: skip
        lmtp_port = int(adapter.more["LMTP_PORT"])
        async with lmtp_source("127.0.0.1", lmtp_port, sender="perrine@exemple.test", recipient=CONTACT) as source:
            _, answer = await source.deliver_to((CONTACT,), a_mail(1))
        assert answer.codes == (250,)
        assert (await adapter.next_message()).accounts == (CONTACT,)


async def test_each_of_two_processes_is_ready_to_take_over(place: Place) -> None:
    async with place.adapter() as one:
        place.mailbox.deliver([a_mail(1)])
        first = await one.next_message()
        async with place.adapter() as other:
            assert await one.stop() == 0  # and gives its lease back
            place.mailbox.deliver([a_mail(2)])
            assert (await other.next_message()).message_id != first.message_id
