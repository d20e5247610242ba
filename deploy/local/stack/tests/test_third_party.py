"""A third party's channel on real servers: it takes messages in, under its own users, and may do nothing else."""

import asyncio
import hmac
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaConsumer
from confluent_kafka import KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient
from pymongo import MongoClient
from pymongo.errors import OperationFailure
from typer.testing import CliRunner

from guichet.contracts.topics import TOPICS
from guichet.kafka.connection import client_options
from guichet.runtime.settings import KafkaSettings
from guichet.town.third_parties import third_parties
from guichet_cli.__main__ import app
from guichet_cli.channels.scaffold.names import Names
from guichet_cli.channels.scaffold.proofs import ProofName
from guichet_cli.channels.scaffold.write import Wish, package_files
from guichet_cli.topics.rights import librdkafka_options
from guichet_local.plan.preparation import Preparation, PrepareStep
from guichet_local.processes.supervisor import ProcessState
from guichet_local.stack import LocalStack
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.builders.third_party import a_wheel, write_wheel
from guichet_testing.town.commands import guichet, run_guichet
from guichet_testing.until import until
from guichet_topology.third_parties import services_of

pytestmark = [pytest.mark.real, pytest.mark.timeout(240)]

EVERY_TOPIC = [name for topic in TOPICS for name in (topic.name, topic.dead_letters)]
SECRET = "un-secret-du-pigeonnier"
PREPARED = Preparation(before=(PrepareStep(("prepare",)),), meanwhile=())
SAID: list[str] = []


def a_channel(folder: Path) -> Path:
    """The wheel of a channel as `guichet channels new` writes it."""
    written = package_files(Wish(Names("pigeon"), ProofName.HMAC, both_ways=True))
    files = {str(path): text for path, text in written if path.parts[0] == "guichet_pigeon"}
    return write_wheel(
        folder, "guichet_pigeon", files, {"guichet.channels": {"pigeon": "guichet_pigeon.channel:CHANNEL"}}, "0.1.0"
    )


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """The third parties of a town alone: one that works, and one that ends at its first line."""
    folder = tmp_path_factory.mktemp("third-party")
    town = folder / "town"
    shutil.copytree(EXAMPLE_TOWN, town, ignore=shutil.ignore_patterns("tests"))
    enable(town, folder / "stack" / "channels", "pigeon", a_channel(folder))
    enable(town, folder / "stack" / "channels", "kite", a_wheel(folder, channel="kite"))
    settings = {
        "GUICHET_TOWN": str(town),
        "GUICHET_PIGEON_SECRET": SECRET,
        "GUICHET_PIGEON_TOKEN": "un-jeton-de-la-mairie",
    }
    services = [service for party in third_parties(town) for service in services_of(party)]
    stack = LocalStack(folder / "stack", services=services, settings=settings, preparation=PREPARED, say=SAID.append)
    with stack:
        asyncio.run(until(lambda: is_ready(stack, "ingest-pigeon"), "its host is ready"))  # nothing waits for it
        yield stack


def is_ready(stack: LocalStack, process: str) -> bool:
    try:
        url = f"{stack.addresses[f'{process}-health']}/health/ready"
        return httpx.get(url, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def enable(town: Path, packages: Path, channel: str, wheel: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GUICHET_TOWN", str(town))
        patch.setenv("GUICHET_CHANNEL_PACKAGES", str(packages))
        done = CliRunner().invoke(app, ["channels", "enable", channel, "--from", str(wheel)])
    assert done.exit_code == 0, done.output


def a_payload(text: str) -> bytes:
    return json.dumps({"id": "1", "from": {"id": "habitante-4217", "name": "Perrine"}, "text": text}).encode()


def post(stack: LocalStack, body: bytes, secret: str) -> int:
    signature = hmac.new(secret.encode(), body, "sha256").hexdigest()
    url = f"{stack.addresses['ingest-pigeon']}/webhooks/pigeon"
    return httpx.post(url, content=body, headers={"X-Pigeon-Signature": signature}, trust_env=False).status_code


def test_a_signed_message_comes_onto_inbound_third_party_and_an_unsigned_one_does_not(stack: LocalStack) -> None:
    assert post(stack, a_payload("Le pigeonnier de la place est cassé."), "wrong") == 403
    assert post(stack, a_payload("Le pigeonnier de la place est cassé."), SECRET) == 200
    [record] = asyncio.run(records_of(stack, "inbound-third-party"))
    said = json.loads(record)
    assert (said["channel"], said["accounts"]) == ("pigeon", ["mairie"])
    assert "pigeonnier" not in record.decode()


async def records_of(stack: LocalStack, topic: str) -> list[bytes]:
    consumer = AIOKafkaConsumer(topic, **client_options(stack.kafka_admin), auto_offset_reset="earliest")
    await consumer.start()
    try:
        found = await consumer.getmany(timeout_ms=5000)
        return [record.value for records in found.values() for record in records]
    finally:
        await consumer.stop()


def as_host(stack: LocalStack) -> KafkaSettings:
    given = stack.environment_of("ingest-pigeon")
    said = {name: given[f"GUICHET_{name.upper()}"] for name in ("kafka_username", "kafka_password")}
    signed_in = KafkaSettings.model_validate(said).model_dump(include=set(said))
    return stack.kafka_admin.model_copy(update={"kafka_mechanism": "SCRAM-SHA-256", **signed_in})


def allowed(kafka: KafkaSettings) -> set[tuple[str, str]]:
    """What the broker itself says that a user may do."""
    admin = AdminClient(librdkafka_options(kafka))
    found = set()
    asked = admin.describe_topics(TopicCollection(EVERY_TOPIC), include_authorized_operations=True)
    for name, answer in asked.items():
        if not isinstance(answer.exception(15), KafkaException):
            found |= {(each.name, name) for each in answer.result().authorized_operations}
    cluster = admin.describe_cluster(include_authorized_operations=True).result(15)
    return found | {(each.name, "the cluster") for each in cluster.authorized_operations or ()}


def test_its_host_may_write_where_third_parties_do_and_read_nothing(stack: LocalStack) -> None:
    writes = {"inbound-third-party", "inbound-third-party-dlq"}
    assert allowed(as_host(stack)) == {(act, name) for act in ("WRITE", "DESCRIBE") for name in writes}


def test_its_host_reads_no_collection_and_opens_no_key(stack: LocalStack) -> None:
    given = stack.environment_of("ingest-pigeon")
    assert "GUICHET_ROOT_KEY_FILE" not in given
    with MongoClient[dict[str, Any]](stack.mongodb_admin_uri) as admin:
        every = [(name, each) for name in ("guichet", "guichet_vault") for each in admin[name].list_collection_names()]
    assert {"cases", "messages", "keys", "opening_keys"} <= {name for _, name in every}
    with MongoClient[dict[str, Any]](given["GUICHET_MONGODB_URI"]) as store:
        for database, collection in {*every} - {("guichet_vault", "sealing_keys")}:
            with pytest.raises(OperationFailure, match="not authorized"):
                store[database][collection].find_one({})


def test_its_host_logs_under_its_own_name_from_the_first_line(stack: LocalStack) -> None:
    lines = [json.loads(each) for each in (stack.folder / "logs" / "ingest-pigeon.log").read_text().splitlines()]
    assert {each["service"] for each in lines} == {"ingest-pigeon"}


def test_its_sender_signs_in_nowhere(stack: LocalStack) -> None:
    given = stack.environment_of("sender-pigeon")
    assert not [name for name in given if "KAFKA" in name or "MONGODB" in name or name.endswith("_KEY")]
    assert given["GUICHET_PIGEON_TOKEN"] == "un-jeton-de-la-mairie"
    assert (Path(given["GUICHET_SENDER_SOCKETS"]) / "pigeon.sock").is_socket()


def test_its_package_is_asked_whether_all_is_well_by_a_process_with_its_variables(stack: LocalStack) -> None:
    asked = run_guichet(
        stack, "channels", "check", "pigeon"
    )  # its provider would be the sandbox, which does not run here
    assert asked.stdout.startswith("Pigeon: REFUSED\n")
    assert f"http://127.0.0.1:{stack.ports['citizen-sandbox']} does not answer" in asked.stdout


def states_in(stack: LocalStack) -> dict[str, ProcessState]:
    return {each.name: each for each in stack.supervisor.states()}


def test_one_that_ends_again_and_again_stops_nothing_else(stack: LocalStack) -> None:
    assert [line for line in SAID if line.startswith("ingest-kite is not ready: ")]
    ended = {"BACKOFF", "STARTING", "FATAL", "EXITED"}
    asyncio.run(until(lambda: states_in(stack)["ingest-kite"].state in ended, "ingest-kite has ended again"))
    states = states_in(stack)
    assert states["ingest-pigeon"].runs
    assert states["sender-pigeon"].runs
    assert httpx.get(f"{stack.addresses['ingest-pigeon-health']}/health/ready", trust_env=False).status_code == 200


def test_a_channel_that_is_switched_off_loses_its_users(stack: LocalStack) -> None:
    """The last of these tests: nothing comes in by it any more."""
    uri, kafka = stack.environment_of("ingest-pigeon")["GUICHET_MONGODB_URI"], as_host(stack)
    guichet(stack, "channels", "disable", "pigeon")
    said = guichet(stack, "prepare")
    assert "Taken away: User:ingest-pigeon ALLOW WRITE topic inbound-third-party" in said
    assert allowed(kafka) == set()
    with (
        MongoClient[dict[str, Any]](uri) as store,
        pytest.raises(OperationFailure, match="Authentication failed"),
    ):
        store["guichet_vault"]["sealing_keys"].find_one({})
