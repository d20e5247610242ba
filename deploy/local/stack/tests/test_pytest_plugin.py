"""No test run leaves a server behind, however it ends."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from guichet_local.waiting import wait_until

A_TEST_THAT_HANGS = """
import time
from pathlib import Path

def test_hangs(kafka_server, mongo_server):
    pids = f"{kafka_server.process.pid} {mongo_server.process.pid}"
    Path("pids.tmp").write_text(pids)
    Path("pids.tmp").rename("pids")
    time.sleep(600)
"""


@pytest.mark.real
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_servers_end_with_the_test_run(tmp_path: Path, end: signal.Signals) -> None:
    (tmp_path / "test_hangs.py").write_text(A_TEST_THAT_HANGS)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "guichet_local.pytest_plugin", "test_hangs.py"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL) as run:
        wait_until((tmp_path / "pids").exists, "the servers run")
        servers = [psutil.Process(int(pid)) for pid in (tmp_path / "pids").read_text().split()]
        assert all(server.is_running() for server in servers)
        run.send_signal(end)
    gone, alive = psutil.wait_procs(servers, timeout=30)
    assert (len(gone), alive) == (2, [])
