"""Give every test the real servers (fixtures kafka_server, mongo_server, mongo_database)."""

import os

import pytest
from hypothesis import settings

# CI judges a commit, so it plays the same examples each time; elsewhere every run looks at new ones.
settings.register_profile("ci", derandomize=True, print_blob=True)
if os.environ.get("CI"):
    settings.load_profile("ci")

LONGEST = (
    "tests/stories",
    "tests/faults/test_short_run",
    "tests/faults/test_a_week_off",
    "tests/replay",
    "tests/erasure",
    "tests/canary/test_nothing",
)

pytest_plugins = ["guichet_local.pytest_plugin"]


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep a file's tests in one process, and all stories, which share one running Guichet (`pytest -n 2`).

    What takes longest comes first, so that both processes end at about the same time.
    """
    items.sort(key=_place)
    for item in items:
        group = "stories" if "tests/stories" in item.path.as_posix() else str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))


def _place(item: pytest.Item) -> int:
    path = item.path.as_posix()
    return next((nth for nth, longest in enumerate(LONGEST) if longest in path), len(LONGEST))
