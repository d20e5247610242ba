"""The process itself: what it says when it cannot start, and that it stops when told."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import pytest

from guichet_local.machine.ports import free_ports
from guichet_testing.until import PATIENCE_S

ENVIRONMENT = {
    "GUICHET_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "GUICHET_TWILIO_AUTH_TOKEN": "un-jeton",
    "GUICHET_TWILIO_NUMBER": "+33939000000",
    "GUICHET_TELEGRAM_TOKEN": "123456:jeton",
    "GUICHET_TELEGRAM_WEBHOOK_SECRET": "un-secret",
}


def start(**environment: str) -> subprocess.Popen[str]:
    path = {"PATH": os.environ["PATH"]}
    command = [sys.executable, "-m", "citizen_sandbox"]
    return subprocess.Popen(command, env=path | environment, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def ports() -> dict[str, str]:
    names = ("HTTP", "SMTP", "HEALTH")
    return {f"GUICHET_SANDBOX_{name}_PORT": str(port) for name, port in zip(names, free_ports(3), strict=True)}


@pytest.fixture
def process(ports: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    started = start(**ENVIRONMENT, **ports)
    yield started
    started.kill()
    started.communicate()


def test_it_serves_until_it_is_told_to_stop(process: subprocess.Popen[str], ports: dict[str, str]) -> None:
    url = f"http://127.0.0.1:{ports['GUICHET_SANDBOX_HEALTH_PORT']}/health/ready"
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            assert httpx.get(url).status_code == 200
            break
        except httpx.TransportError:
            time.sleep(0.1)
    smtp = socket.create_connection(("127.0.0.1", int(ports["GUICHET_SANDBOX_SMTP_PORT"])), timeout=5)
    with smtp:
        assert smtp.recv(3) == b"220"
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0


def test_missing_settings_are_named_without_their_values() -> None:
    failed = start(GUICHET_TELEGRAM_TOKEN="pas-un-jeton", GUICHET_TWILIO_NUMBER="+33939000000")
    complaint = failed.communicate(timeout=30)[1]
    assert failed.returncode == 1
    assert "GUICHET_TWILIO_AUTH_TOKEN: field required" in complaint
    assert "GUICHET_TELEGRAM_TOKEN: string should match pattern" in complaint
    assert "pas-un-jeton" not in complaint


def test_a_port_that_is_taken_names_its_setting(ports: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", int(ports["GUICHET_SANDBOX_SMTP_PORT"]))):
        failed = start(**ENVIRONMENT, **ports)
        complaint = failed.communicate(timeout=30)[1]
    assert failed.returncode == 1
    assert "set GUICHET_SANDBOX_SMTP_PORT to a free one" in complaint
