"""Which failed tests are worth a second try, and what is said of those that pass it."""

from collections.abc import Sequence
from typing import Final

import pytest

MOST: Final = 3  # of more than thirteen thousand. More than that is no chance


class Failures:
    """A plugin of pytest's: the tests that failed, by the names that pytest takes."""

    def __init__(self) -> None:
        self.tests: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a test of which the setup, the call or the teardown failed."""
        if report.failed:
            self.tests.add(without_group(report.nodeid))


def without_group(name: str) -> str:
    """Return a test's own name: where groups are dealt out, xdist adds `@` and the group, which ends in no bracket."""
    return name if name.endswith("]") else name.rpartition("@")[0] or name


def worth_a_second_try(status: int, failed: Sequence[str]) -> bool:
    """Whether a run ended with a few failed tests, and with nothing worse: an interruption, a test that is not found."""
    return status == pytest.ExitCode.TESTS_FAILED and 0 < len(failed) <= MOST


def said_of(failed: Sequence[str]) -> list[str]:
    """Return the lines that name the tests that passed alone."""
    return [
        "",
        f"PASSED ALONE, FAILED AMONG ALL: {len(failed)}. Each is a race, of the test or of what it tests. Mend it:",
        *(f"  {name}" for name in failed),
    ]
