"""Whoever interrupts a fault run finds nothing running afterwards."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from guichet_local.machine.paths import REPOSITORY

pytestmark = [pytest.mark.real, pytest.mark.timeout(180)]


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder of few letters: the supervisor's socket lies below it, and a socket's path has 107 at most."""
    with tempfile.TemporaryDirectory(prefix="g") as folder:
        yield Path(folder)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_a_run_that_is_interrupted_leaves_nothing_running(number: signal.Signals, short_folder: Path) -> None:
    run = subprocess.Popen(
        [sys.executable, "-m", "tests.faults"],
        cwd=REPOSITORY,
        env=os.environ | {"TMPDIR": str(short_folder), "FAULTS_MESSAGES": "50", "FAULTS_SEED": "1"},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert run.stdout is not None
        assert any("kafka-3 is ready" in line for line in run.stdout)
        started = psutil.Process(run.pid).children(recursive=True)
        assert len(started) >= 5  # supervisord, mongod, three brokers
        run.send_signal(number)
        assert run.wait(120) == 130
    finally:
        run.kill()
        run.stdout.close()
    assert psutil.wait_procs(started, timeout=10)[1] == []
