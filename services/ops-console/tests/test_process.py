"""The console as a process: it starts without Kafka, stops when told, and says what is wrong with a setting."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from guichet_local.machine.ports import free_ports
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.until import PATIENCE_S


def environment(port: int, health_port: int = 0, **more: str) -> dict[str, str]:
    [nobody] = free_ports(1)
    return {
        "PATH": os.environ["PATH"],
        "GUICHET_KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{nobody}",
        "GUICHET_TOWN": str(EXAMPLE_TOWN),
        "GUICHET_HTTP_PORT": str(port),
        "GUICHET_HEALTH_PORT": str(health_port),
        **more,
    }


@contextmanager
def started(values: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "ops_console"]
    process = subprocess.Popen(command, env=values, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_it_tells_of_a_broker_that_is_away_and_stops_when_told() -> None:
    port, health_port = free_ports(2)
    with started(environment(port, health_port)) as process:
        until = time.monotonic() + PATIENCE_S
        found: dict[str, object] = {}
        while time.monotonic() < until and "broker" not in found:
            assert process.poll() is None, process.communicate()[0]
            try:
                found = httpx.get(f"http://127.0.0.1:{port}/api/overview", trust_env=False).json()
            except httpx.HTTPError:
                time.sleep(0.2)
        assert isinstance(found["broker"], dict)
        assert found["broker"]["answers"] is False
        assert httpx.get(f"http://127.0.0.1:{health_port}/health/ready", trust_env=False).status_code == 200
        assert 'guichet_service{service="ops-console"' in httpx.get(
            f"http://127.0.0.1:{health_port}/metrics", trust_env=False
        ).text  # fmt: skip
        with httpx.stream("GET", f"http://127.0.0.1:{port}/direct", trust_env=False) as stream:  # a page is open
            assert next(stream.iter_lines()).startswith("event: tableau")
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0


def test_an_address_that_others_reach_is_refused_with_the_remedy() -> None:
    with started(environment(0, GUICHET_HTTP_HOST="0.0.0.0")) as process:
        output, _ = process.communicate(timeout=20)
    assert process.returncode == 78
    assert "SSH tunnel" in output
