"""The first lines of a service, in a process of its own."""

import json
import os
import subprocess
import sys

CRASHING = """
from guichet.runtime.settings import HttpSettings
from guichet.runtime.service import begin

begin("kiosk", HttpSettings)
raise ValueError("Jeanne Dupont, 12 rue des Tilleuls")
"""


def test_a_crash_is_logged_without_the_words_of_its_error():
    ended = subprocess.run(
        [sys.executable, "-c", CRASHING], capture_output=True, text=True, env=os.environ, check=False
    )
    assert ended.returncode == 1
    assert "Jeanne" not in ended.stderr
    line = json.loads(ended.stderr)
    assert (line["service"], line["level"], line["event"]) == ("kiosk", "critical", "crashed")
    assert line["exception"][0]["class"] == "ValueError"
