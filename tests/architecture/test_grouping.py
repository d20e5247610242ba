"""Under `pytest -n 3` a file's tests stay in one process: what they share, up to a whole Guichet, is started once."""

from pathlib import Path

import pytest

from conftest import LONGEST

pytest_plugins = ["pytester"]
ROOT = Path(__file__).parents[2]


def test_each_test_has_a_group_when_processes_share_the_run(request: pytest.FixtureRequest) -> None:
    """The suffix of a node id is all that pytest-xdist groups by; a pytest that it does not know drops it unseen."""
    grouped = bool(request.config.getoption("loadgroup", False))
    assert ("@" in request.node.nodeid) is grouped


def test_what_takes_longest_is_not_put_last_for_having_few_tests(request: pytest.FixtureRequest) -> None:
    """That is what pytest-xdist does unless told: the fault run, one test of two minutes, would come at the very end."""
    assert request.config.getoption("loadscopereorder") is False


def test_what_takes_longest_is_there() -> None:
    files = [group for group in LONGEST if group.endswith(".py")]
    assert [file for file in files if not (ROOT / file).is_file()] == []
    assert len(set(LONGEST)) == len(LONGEST)


def test_a_file_s_tests_stay_together_until_what_they_share_is_stopped(pytester: pytest.Pytester) -> None:
    """What its module opened is closed after the module's last test, and waits for servers that are gone."""
    pytester.makeconftest((ROOT / "conftest.py").read_text())
    pytester.makepyfile(
        test_roles="""
        import pytest

        @pytest.fixture(scope="session")
        def servers():
            class Stack:
                is_up = True
                def down(self):
                    self.is_up = False
            return Stack()

        @pytest.fixture(scope="module")
        def clients(servers):
            yield servers
            assert servers.is_up, "closed after its servers"

        def test_first(): pass
        def test_of_the_servers(clients): pass
        def test_last(): pass
        """
    )
    pytester.runpytest_subprocess("-p", "no:randomly", "-q").assert_outcomes(passed=3)
