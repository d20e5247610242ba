"""The worker as a process, on real Kafka and a real mongod: it starts, is ready, stops in order."""

import asyncio
import json
import signal
from pathlib import Path

import httpx
import pytest

from guichet.vault.copy.folder import newest_copy
from guichet_testing.forks.popen import fork
from guichet_testing.until import PATIENCE_S, until

pytestmark = pytest.mark.real


def port_in(log: str) -> int:
    [port] = [line["port"] for line in map(json.loads, log.splitlines()) if line["event"] == "health served"]
    return int(port)


async def is_ready(port: int) -> None:
    """Return once every part answers, the group's partitions among them."""
    async with asyncio.timeout(PATIENCE_S), httpx.AsyncClient(trust_env=False) as client:
        while not (await client.get(f"http://127.0.0.1:{port}/health/ready")).is_success:  # noqa: ASYNC110 (another process)
            await asyncio.sleep(0.1)


async def test_it_stops_in_order_and_without_a_word_of_an_error(environment: dict[str, str], tmp_path: Path):
    log, copy = tmp_path / "gdpr-worker.log", tmp_path / "vault-copy"
    with_copy = {**environment, "GUICHET_VAULT_COPY": str(copy)}
    with log.open("wb") as said:
        worker = fork("gdpr_worker", environment=with_copy, stderr=said)
    try:
        await until(lambda: '"event": "health served"' in log.read_text())
        await is_ready(port_in(log.read_text()))
        await until(lambda: newest_copy(copy))
        beginning = len(log.read_text())
        worker.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(worker.wait, 40) == 0
    finally:
        worker.kill()
    lines = [json.loads(line) for line in log.read_text()[beginning:].splitlines()]
    assert [line for line in lines if line["level"] in ("error", "critical")] == []
    assert lines[-1]["event"] == "stopped"
