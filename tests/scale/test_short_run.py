"""The short form of `make scale`: a few hundred cases, each part once. It measures nothing, and asserts no time."""

import sys
from pathlib import Path

import pytest

from tests.scale.__main__ import measure
from tests.scale.report import TITLES, render
from tests.scale.size import SHORT

pytestmark = [pytest.mark.real, pytest.mark.timeout(300), pytest.mark.xdist_group("scale")]


def test_a_store_that_a_bulk_sealer_filled_is_indexed_searched_listed_and_looked_on(tmp_path: Path) -> None:
    rows, seconds = measure(tmp_path, SHORT, [*TITLES], lambda line: sys.stdout.write(f"{line}\n"))
    figures = {row.figure: row.median for each in rows.values() for row in each.rows}
    timed = {name for each in rows.values() for name in each.timed}
    assert figures["messages of them"] > 2 * SHORT.cases  # what was written and its receipt
    assert {"open a case that was found", "open the first hit", "search further"} < timed  # so something was found
    assert figures["pages open, each with its stream"] == SHORT.agents
    assert figures["times that pages were told"] > 0
    assert "300 cases" in render(SHORT, rows, seconds, [])
    asked, _ = measure(tmp_path, SHORT, ["lists"], lambda line: sys.stdout.write(f"{line}\n"))
    assert [row.figure for row in asked["fill"].rows] == [row.figure for row in rows["fill"].rows], "it was kept"
    assert asked["lists"].timed.keys() == rows["lists"].timed.keys()
