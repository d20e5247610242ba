"""ingest-email as a process, on real Kafka and mongod."""

import os
from email.message import EmailMessage
from pathlib import Path

import pytest

from guichet.contracts.topics import INBOUND_EMAIL
from guichet_local.kafka.server import KafkaServer
from guichet_local.machine.ports import free_ports
from guichet_local.mongod.server import MongoServer
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.conformance.lmtp_source import lmtp_source
from guichet_testing.forks.popen import run
from guichet_testing.real.adapter_process import AdapterProcess

CONTACT, VOIRIE = "contact@mairie.example", "voirie@mairie.example"


@pytest.mark.real
async def test_a_mail_by_lmtp_rests_sealed_on_the_topic(
    kafka_server: KafkaServer, mongo_server: MongoServer, mongo_database: str, tmp_path: Path
) -> None:
    health_port, lmtp_port = free_ports(2)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "perrine@exemple.test", CONTACT, "Lampadaire"
    mail["Message-ID"], mail["Date"] = "<1@exemple.test>", "Mon, 02 Mar 2026 10:30:00 +0100"
    mail.set_content("Il est éteint.")
    mail.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="plan.pdf")
    more = {"TOWN": str(EXAMPLE_TOWN), "LMTP_PORT": str(lmtp_port)}
    async with AdapterProcess(
        "ingest_email", INBOUND_EMAIL, kafka_server.bootstrap_servers, mongo_server.uri, mongo_database, tmp_path,
        health_port, more,
    ) as adapter:  # fmt: skip
        async with lmtp_source("127.0.0.1", lmtp_port, sender="perrine@exemple.test", recipient=CONTACT) as source:
            asked, answer = await source.deliver_to((CONTACT, VOIRIE, "personne@mairie.example"), mail.as_bytes())
        assert asked.codes == (250, 250, 550)
        assert answer.codes == (250, 250)
        event = await adapter.next_message()
        content, files = await adapter.opened(event)
        assert (event.accounts, content.subject, files) == ((CONTACT, VOIRIE), "Lampadaire", [b"%PDF"])
        assert await adapter.stop() == 0
    assert event.message_id in adapter.log
    for word in ("perrine", "Lampadaire", "plan.pdf"):
        assert word not in adapter.log


@pytest.mark.parametrize(
    ("missing", "said"),
    [("GUICHET_OBJECTS_URL", "GUICHET_OBJECTS_URL is not set"), ("GUICHET_TOWN", "GUICHET_TOWN is not set")],
)
def test_a_missing_setting_is_named(missing: str, said: str, tmp_path: Path) -> None:
    key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GUICHET_")},
        **{f"GUICHET_{name}": key for name in ("MESSAGE_ID_KEY", "INGEST_PSEUDONYM_KEY")},
        "GUICHET_OBJECTS_URL": tmp_path.as_uri(),
        "GUICHET_TOWN": str(EXAMPLE_TOWN),
    }
    del environment[missing]
    ended = run("ingest_email", [], environment=environment)
    assert ended.returncode == 78
    assert said in ended.stderr
