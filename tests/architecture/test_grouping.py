"""Under `pytest -n 2` a file's tests stay in one process: what they share, up to a whole Guichet, is started once."""

import pytest


def test_each_test_has_a_group_when_processes_share_the_run(request: pytest.FixtureRequest) -> None:
    """The suffix of a node id is all that pytest-xdist groups by; a pytest that it does not know drops it unseen."""
    grouped = bool(request.config.getoption("loadgroup", False))
    assert ("@" in request.node.nodeid) is grouped
