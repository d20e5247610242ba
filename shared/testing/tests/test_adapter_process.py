"""An adapter under test ends with its test, also one that never became ready."""

from pathlib import Path
from typing import Any

import psutil
import pytest

from guichet.contracts.topics import INBOUND_EMAIL
from guichet_local.machine.ports import free_ports
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.real.adapter_process import AdapterProcess


@pytest.mark.real
async def test_one_that_never_becomes_ready_is_not_left_running(
    kafka_server: Any, mongo_server: Any, mongo_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(_: AdapterProcess) -> None:
        raise TimeoutError

    monkeypatch.setattr(AdapterProcess, "_ready", never)
    health_port, lmtp_port = free_ports(2)
    adapter = AdapterProcess(
        "ingest_email", INBOUND_EMAIL, kafka_server.bootstrap_servers, mongo_server.uri, mongo_database, tmp_path,
        health_port, {"TOWN": str(EXAMPLE_TOWN), "LMTP_PORT": str(lmtp_port)},
    )  # fmt: skip
    with pytest.raises(TimeoutError):
        await adapter.__aenter__()
    assert not psutil.pid_exists(adapter.pid)
