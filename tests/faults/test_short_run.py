"""The short form of `make faults`: a few hundred messages, each kind of fault once or twice, every verdict."""

import sys
from pathlib import Path

import pytest

from tests.faults.form import short_form
from tests.faults.playing import play
from tests.faults.verdicts.report import render

pytestmark = [pytest.mark.real, pytest.mark.timeout(720)]
SEED = 20261124


def test_whatever_dies_every_message_is_filed_once_and_answered_once(tmp_path: Path) -> None:
    outcome = play(tmp_path, short_form(), SEED, lambda line: sys.stdout.write(f"{line}\n"))
    assert outcome.holds, render(outcome)
