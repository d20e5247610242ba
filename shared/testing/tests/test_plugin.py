"""No test run leaves a server behind, however it ends."""

import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from guichet_local.machine.ports import HIGHEST, LOWEST
from guichet_local.machine.process import wait_until
from guichet_testing.real.plugin import SHARES, share_of_ports

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
    command = [sys.executable, "-m", "pytest", "-q", "-p", "guichet_testing.real.plugin", "test_hangs.py"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL) as run:
        wait_until((tmp_path / "pids").exists, "the servers run")
        servers = [psutil.Process(int(pid)) for pid in (tmp_path / "pids").read_text().split()]
        assert all(server.is_running() for server in servers)
        run.send_signal(end)
    gone, alive = psutil.wait_procs(servers, timeout=30)
    assert (len(gone), alive) == (2, [])


A_TEST_THAT_ASKS_A_CHILD = """
import subprocess, sys

def test_a_child_hears_ctrl_c():
    asked = "import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
    assert subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True).stdout == "True\\n"
"""


def test_a_run_in_the_background_hears_ctrl_c_where_its_tests_press_it(tmp_path: Path) -> None:
    (tmp_path / "test_child.py").write_text(A_TEST_THAT_ASKS_A_CHILD)
    pytest_here = f"{sys.executable} -m pytest -q -p guichet_testing.real.plugin test_child.py"
    deaf = ["bash", "-c", f"trap '' INT; {pytest_here}"]  # as `nohup make test &` or a CI runner starts it
    done = subprocess.run(deaf, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_each_process_of_a_run_has_ports_of_its_own() -> None:
    shares = sorted(share_of_ports(nth) for nth in range(7, 7 + SHARES))
    assert shares[0][0] >= LOWEST
    assert shares[-1][1] <= HIGHEST
    assert all(one[1] <= other[0] for one, other in pairwise(shares))
