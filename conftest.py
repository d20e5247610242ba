"""Give every test the real servers (fixtures kafka_server, mongo_server, mongo_database)."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from guichet_local.stack import LocalStack

# CI judges a commit, so it plays the same examples each time; elsewhere every run looks at new ones.
settings.register_profile("ci", derandomize=True, print_blob=True)
if os.environ.get("CI"):
    settings.load_profile("ci")

LONGEST = (
    "tests/stories",
    "tests/attacks",
    "tests/faults/test_short_run",
    "tests/faults/test_a_week_off",
    "tests/replay",
    "tests/erasure",
    "tests/canary/test_nothing",
)

SHARED = {"guichet", "servers"}  # fixtures of the whole run: a Guichet, or its servers alone

pytest_plugins = ["guichet_local.pytest_plugin"]


@pytest.fixture(scope="session")
def guichet(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[LocalStack]":
    """Everything, started once for all stories and attacks, on ports and data of its own."""
    from guichet_local.stack import LocalStack  # noqa: PLC0415  few tests ask

    with LocalStack(tmp_path_factory.mktemp("guichet")) as stack:
        yield stack


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep a file's tests in one process, and all that share one running Guichet (`pytest -n 2`).

    What takes longest comes first, so that both processes end at about the same time.
    """
    items.sort(key=_place)
    for item in items:
        shared = SHARED.intersection(getattr(item, "fixturenames", ()))
        item.add_marker(pytest.mark.xdist_group(min(shared, default=str(item.path))))


def _place(item: pytest.Item) -> int:
    path = item.path.as_posix()
    return next((nth for nth, longest in enumerate(LONGEST) if longest in path), len(LONGEST))
