"""No service works on a MongoDB server whose memory strangers can read: the wheel's own, which is end of life, is one."""

import os
import subprocess
from pathlib import Path

import pytest

from guichet_local.machine.ports import free_ports
from guichet_local.plan.environment import system_environment
from guichet_local.stack import LocalStack
from guichet_testing.forks.popen import fork
from guichet_testing.town.services import SERVICES
from guichet_topology.environment import service_environment
from guichet_topology.services import Service
from guichet_topology.variables import STORE

pytestmark = [pytest.mark.real, pytest.mark.timeout(240)]

PATIENCE_S = 40
ON_THE_STORE = [service for service in SERVICES if set(STORE) <= set(service.variables)]


@pytest.mark.parametrize("service", ON_THE_STORE, ids=lambda service: service.name)
def test_no_service_starts_on_an_unpatched_server(servers: LocalStack, service: Service, tmp_path: Path) -> None:
    values = {name: value for name, value in servers._parts.values.items() if name != "GUICHET_MONGODB_OLD_SERVER"}
    ports = dict(zip(service.ports.values(), free_ports(len(service.ports)), strict=True))
    environment = system_environment(os.environ) | service_environment(service, values, ports)
    log = tmp_path / "log"
    with log.open("wb") as said:
        process = fork(service.package, environment=environment, stdout=said, stderr=said)
    try:
        status = process.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        pytest.fail(f"{service.name} works on a server with known holes")
    told = log.read_text()
    assert (status, "GUICHET_MONGODB_OLD_SERVER" in told) == (78, True), told[-2000:]
