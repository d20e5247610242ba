"""No service works on a MongoDB server whose memory strangers can read: the wheel's own, which is end of life, is one."""

import os
import subprocess
import sys

import pytest

from guichet_local.machine.ports import free_ports
from guichet_local.plan.environment import system_environment
from guichet_local.stack import LocalStack
from guichet_testing.town.services import SERVICES
from guichet_topology.environment import service_environment
from guichet_topology.services import Service
from guichet_topology.variables import STORE

pytestmark = [pytest.mark.real, pytest.mark.timeout(240)]

PATIENCE_S = 40
ON_THE_STORE = [service for service in SERVICES if set(STORE) <= set(service.variables)]


@pytest.mark.parametrize("service", ON_THE_STORE, ids=lambda service: service.name)
def test_no_service_starts_on_an_unpatched_server(servers: LocalStack, service: Service) -> None:
    values = {name: value for name, value in servers._parts.values.items() if name != "GUICHET_MONGODB_OLD_SERVER"}
    ports = dict(zip(service.ports.values(), free_ports(len(service.ports)), strict=True))
    environment = system_environment(os.environ) | service_environment(service, values, ports)
    process = subprocess.Popen(
        [sys.executable, "-m", service.package], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        told, _ = process.communicate(timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.terminate()
        process.communicate()
        pytest.fail(f"{service.name} works on a server with known holes")
    assert (process.returncode, "GUICHET_MONGODB_OLD_SERVER" in told.decode()) == (78, True), told.decode()[-2000:]
