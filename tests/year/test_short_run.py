"""The short form of `make year`: some hundred messages over the same year, with everything that goes wrong in it."""

import sys

import pytest

from guichet.runtime.telemetry.metrics import ALARM
from tests.year.run import live_a_year


@pytest.mark.timeout(300)
async def test_in_a_year_no_clock_is_missed_no_receipt_lost_or_doubled_and_every_late_one_alarmed() -> None:
    ALARM.clear()  # of thousands of tests before, in this process: the year walks over all there are at each look
    lived = await live_a_year(20261128, 400, lambda line: sys.stdout.write(f"{line}\n") and None)
    assert lived.judgement.findings == []
    late = lived.judgement.late
    assert late["aee", "provider"] > 0
    assert late["aee", "outage"] > 0
    assert late["are", "provider"] > 0
    assert late["are", "outage"] > 0
    assert sum(count for (_, what), count in lived.judgement.counted.items() if what == "silences") > 0
