"""The whole stack on real servers, with stand-ins for the services."""

import asyncio
import http.client
import json
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from pymongo import MongoClient

from guichet.kafka.connection import client_options
from guichet_local.commands.status import read_status
from guichet_local.errors import AlreadyRunningError, NotRunningError, PortTakenError, StartFailedError
from guichet_local.machine.locks import FolderLock
from guichet_local.machine.process import wait_until
from guichet_local.plan.ports import free_plan
from guichet_local.plan.preparation import Preparation
from guichet_local.processes.supervisor import supervisor_of
from guichet_local.servers import ServerOptions
from guichet_local.stack import LocalStack
from guichet_topology.services import Service

pytestmark = pytest.mark.real

NOTHING_TO_PREPARE = Preparation((), ())


def a_service(name: str, *variables: str) -> Service:
    return Service(name, "stand_in", {"GUICHET_HEALTH_PORT": f"{name}-health"}, (*variables, "PYTHONPATH"))


ROUTER = a_service("case-router", "GUICHET_THREAD_KEY")
DESK = a_service("agent-desk", "GUICHET_SESSION_KEY")
FAILING = a_service("notifier", "GUICHET_STAND_IN_FAILS")


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("modules")
    shutil.copy(Path(__file__).with_name("stand_in.py"), folder)
    return folder


def a_stack(folder: Path, modules: Path, *services: Service, **settings: str) -> LocalStack:
    return LocalStack(
        folder,
        settings={"PYTHONPATH": str(modules), **settings},
        services=services,
        preparation=NOTHING_TO_PREPARE,
    )


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, modules: Path) -> Iterator[LocalStack]:
    with a_stack(tmp_path_factory.mktemp("stack"), modules, ROUTER, DESK) as stack:
        yield stack


def get(address: str, page: str = "/") -> str:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=5)
    try:
        connection.request("GET", page)
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def end_itself(stack: LocalStack, name: str, status: int) -> None:
    with pytest.raises(http.client.RemoteDisconnected):
        get(stack.addresses[f"{name}-health"], f"/exit/{status}")


def test_a_process_gets_the_variables_of_its_row_and_no_others(stack: LocalStack) -> None:
    seen = json.loads(get(stack.addresses["case-router-health"]))
    ours = {name for name in seen if name.startswith("GUICHET_")}
    assert ours == {"GUICHET_HEALTH_PORT", "GUICHET_THREAD_KEY"}
    assert stack.environment_of("case-router").items() <= seen.items()


def test_what_dies_is_started_again(stack: LocalStack) -> None:
    before = stack.supervisor.state_of("case-router").pid
    stack.kill("case-router")
    wait_until(lambda: stack.supervisor.state_of("case-router").pid not in {0, before}, "restarted")
    stack.start("case-router")
    assert get(stack.addresses["case-router-health"])


def test_a_service_that_stopped_itself_for_a_person_stays_stopped(stack: LocalStack) -> None:
    end_itself(stack, "agent-desk", 75)
    wait_until(lambda: stack.supervisor.state_of("agent-desk").state == "EXITED", "ended")
    time.sleep(2.5)  # supervisord looks once a second
    assert stack.supervisor.state_of("agent-desk").exit_status == 75
    assert not stack.supervisor.state_of("agent-desk").runs
    stack.start("agent-desk")


def test_a_stopped_part_stays_stopped_until_started(stack: LocalStack) -> None:
    stack.stop("agent-desk")
    with pytest.raises(OSError, match="refused"):
        get(stack.addresses["agent-desk-health"])
    stack.start("agent-desk")
    assert get(stack.addresses["agent-desk-health"])


def test_a_second_process_takes_a_port_of_its_own_and_reports_it(stack: LocalStack) -> None:
    assert stack.scale("case-router", 2) == ["case-router", "case-router-2"]
    assert stack.addresses["case-router-2-health"] != stack.addresses["case-router-health"]
    assert get(stack.addresses["case-router-2-health"])
    assert stack.scale("case-router", 1) == ["case-router"]
    assert "case-router-2-health" not in stack.addresses
    assert "case-router-2" not in {state.name for state in stack.supervisor.states()}


def test_kafka_and_mongod_are_restarted_too(stack: LocalStack) -> None:
    for name in ("kafka", "mongodb"):
        before = stack.supervisor.state_of(name).pid
        stack.kill(name)
        wait_until(lambda: stack.supervisor.state_of(name).pid not in {0, before}, "restarted")  # noqa: B023
        stack.start(name)


def test_each_part_has_a_readable_log(stack: LocalStack) -> None:
    assert "bonjour" in (stack.folder / "logs" / "case-router.log").read_text()
    assert "Kafka Server started" in (stack.folder / "logs" / "kafka.log").read_text()


def test_a_second_start_says_that_it_already_runs_and_harms_nothing(stack: LocalStack, modules: Path) -> None:
    with pytest.raises(AlreadyRunningError, match="already runs"):
        a_stack(stack.folder, modules, ROUTER).up()
    assert get(stack.addresses["case-router-health"])


def test_secrets_are_for_their_owner_only(stack: LocalStack) -> None:
    for private in (stack.folder / "secrets", stack.folder / "supervisor", stack.folder / "objects"):
        assert private.stat().st_mode & 0o777 == 0o700
    for file in (stack.folder / "secrets" / "secrets.env", stack.folder / "supervisor" / "supervisord.conf"):
        assert file.stat().st_mode & 0o777 == 0o600


def test_down_leaves_nothing_running_and_up_again_finds_the_data(tmp_path: Path, modules: Path) -> None:
    stack = a_stack(tmp_path, modules, ROUTER)
    with stack:
        secrets = (tmp_path / "secrets" / "secrets.env").read_text()
        topics_folder = tmp_path / "kafka" / "data" / "meta.properties"
        cluster = topics_folder.read_text()
        running = [psutil.Process(state.pid) for state in stack.supervisor.states()]
        assert len(running) == 3
    assert not any(process.is_running() for process in running)
    with stack:
        assert (tmp_path / "secrets" / "secrets.env").read_text() == secrets
        assert topics_folder.read_text() == cluster


def test_a_service_that_cannot_start_shows_its_last_words_and_all_is_stopped(tmp_path: Path, modules: Path) -> None:
    stack = a_stack(tmp_path, modules, ROUTER, FAILING, GUICHET_STAND_IN_FAILS="yes", GUICHET_MONGODB_URI="x")
    with pytest.raises(StartFailedError, match=r"notifier ended.*notifier\.log:\nGUICHET_STAND_IN_FAILS is set"):
        stack.up()
    assert not stack.supervisor.is_running
    FolderLock(tmp_path).take()


def test_a_taken_port_is_named_with_its_setting(tmp_path: Path, modules: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        stack = LocalStack(tmp_path, ports=free_plan() | {"agent-desk": port}, services=[DESK])
        with pytest.raises(PortTakenError, match=rf"{port}.*GUICHET_LOCAL_AGENT_DESK_PORT"):
            stack.up()


def test_detached_it_runs_on_and_another_process_can_stop_it(tmp_path: Path, modules: Path) -> None:
    elsewhere = {"GUICHET_MONGODB_URI": "mongodb://elsewhere", "GUICHET_KAFKA_BOOTSTRAP_SERVERS": "elsewhere:9092"}
    stack = a_stack(tmp_path, modules, ROUTER, **elsewhere)
    stack.up(detached=True)
    other = supervisor_of(tmp_path)
    (part,) = read_status(tmp_path, other)  # the user's servers are the user's
    assert (part.name, part.state, part.ready) == ("case-router", "running", "yes")
    assert part.address == stack.addresses["case-router-health"]
    assert stack.addresses["kafka"] == "elsewhere:9092"
    other.stop_everything()
    with pytest.raises(NotRunningError, match="make run"):
        read_status(tmp_path, other)


async def test_three_brokers_confirm_while_one_is_dead(tmp_path: Path) -> None:
    with LocalStack(tmp_path, services=(), preparation=NOTHING_TO_PREPARE, kafka_nodes=3) as stack:
        options = client_options(stack.kafka_admin)
        assert options["bootstrap_servers"].count(":") == 3
        assert stack.environment_of("guichet")["GUICHET_KAFKA_REPLICATION"] == "3"
        admin = AIOKafkaAdminClient(**options)
        await admin.start()
        try:
            await admin.create_topics([NewTopic("kept", 3, 3)])
        finally:
            await admin.close()
        stack.kill("kafka-2")
        async with AIOKafkaProducer(**options, acks="all") as producer:
            await asyncio.gather(*[producer.send_and_wait("kept", b"bonjour", partition=n) for n in range(3)])
        stack.start("kafka-2")  # it comes back, and the stack stops all three


def test_the_store_goes_on_when_one_of_three_members_dies_or_steps_down(tmp_path: Path) -> None:
    tls = ServerOptions(mongod_tls=True)
    nothing = NOTHING_TO_PREPARE
    with LocalStack(tmp_path, services=(), preparation=nothing, mongodb_members=3, server_options=tls) as stack:
        assert stack.mongodb_admin_uri.count("127.0.0.1:") == 3
        of_port = {port: name for name, port in stack.ports.items()}
        with MongoClient[dict[str, Any]](stack.mongodb_admin_uri) as client:
            kept = client.town.citizens
            kept.insert_one({"_id": 1})
            first = client.primary
            client.admin.command("replSetStepDown", 30)
            kept.insert_one({"_id": 2})
            assert client.primary != first
            assert client.primary is not None
            dead = of_port[client.primary[1]]
            stack.kill(dead)
            kept.insert_one({"_id": 3})
            stack.start(dead)  # it comes back and follows, or leads
            assert kept.count_documents({}) == 3


def test_a_service_that_is_held_back_waits_for_its_start(tmp_path: Path, modules: Path) -> None:
    stack = LocalStack(
        tmp_path,
        settings={"PYTHONPATH": str(modules)},
        services=(ROUTER, DESK),
        preparation=NOTHING_TO_PREPARE,
        held_back=("case-router",),
    )
    with stack:
        assert get(stack.addresses["agent-desk-health"])
        assert not stack.supervisor.state_of("case-router").runs
        stack.start("case-router")
        assert get(stack.addresses["case-router-health"])
