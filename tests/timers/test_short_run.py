"""The short form of `make timers`: a few hundred cases, routers that are killed, ten days ahead and an hour back."""

import sys
from pathlib import Path

import pytest

from tests.timers.run import let_days_come

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]


async def test_each_day_of_a_clock_reaches_people_once_through_kills_and_moved_clocks(tmp_path: Path) -> None:
    outcome = await let_days_come(tmp_path, 600, 20261128, lambda line: sys.stdout.write(f"{line}\n") and None)
    assert (outcome.missing, outcome.doubled, outcome.left) == ({}, {}, 0)
    assert outcome.events > 600
    assert outcome.kills > 0
