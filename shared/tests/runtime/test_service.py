"""The first lines of a service, in a process of its own."""

import json
import os
import subprocess
import sys

import pytest

from guichet.runtime.service import GIVES_WAY

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


MISCONFIGURED = """
from guichet.errors import SettingsError
from guichet.runtime.service import run_service
from guichet.runtime.settings import HttpSettings

def refuse():
    raise SettingsError("The town is wrong.")

async def serve():
    refuse()

run_service("kiosk", HttpSettings, {start})
"""


@pytest.mark.parametrize("start", ["lambda settings: refuse()", "lambda settings: serve()"])
def test_a_misconfigured_service_says_why_and_is_not_restarted(start):
    ended = subprocess.run(
        [sys.executable, "-c", MISCONFIGURED.format(start=start)], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (78, "kiosk cannot start:\nThe town is wrong.\n")


WORKING = """
import os
from guichet.runtime.settings import HttpSettings
from guichet.runtime.service import run_service

class Kiosk:
    name = "kiosk"

    async def serve(self, stopping):
        print(os.getpriority(os.PRIO_PROCESS, 0))

async def serve():
    print(os.getpriority(os.PRIO_PROCESS, 0))

run_service("kiosk", HttpSettings, {start})
"""


@pytest.mark.parametrize(
    ("start", "gives_way"), [("lambda settings: Kiosk()", GIVES_WAY), ("lambda settings: serve()", 0)]
)
def test_a_worker_gives_way_to_who_answers_people(start, gives_way):
    own = os.getpriority(os.PRIO_PROCESS, 0)
    ended = subprocess.run(
        [sys.executable, "-c", WORKING.format(start=start)], capture_output=True, text=True, check=True
    )
    assert int(ended.stdout) == min(19, own + gives_way)


IN_A_SESSION = """
from guichet.runtime.service import AUTOGROUP, GIVES_WAY
from guichet.runtime.settings import HttpSettings
from guichet.runtime.service import run_service

class Kiosk:
    name = "kiosk"

    async def serve(self, stopping):
        print(AUTOGROUP.read_text() if AUTOGROUP.exists() else f"/autogroup-0 nice {GIVES_WAY}")

run_service("kiosk", HttpSettings, lambda settings: Kiosk())
"""


def test_and_so_does_its_session_where_the_kernel_shares_between_sessions():
    words = [sys.executable, "-c", IN_A_SESSION]
    ended = subprocess.run(words, capture_output=True, text=True, check=True, start_new_session=True)
    assert ended.stdout.split()[-2:] == ["nice", str(GIVES_WAY)]
