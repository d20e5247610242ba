"""The browser of the tests: found under the names that the bootstrap installs, missed aloud in CI."""

import re
from pathlib import Path

import pytest

from guichet_testing.real import chromium

ROOT = Path(__file__).parents[3]
pytest_plugins = ["pytester"]
ASKS = "async def test_it(chromium): await (await chromium.new_page()).close()"


def test_the_bootstrap_is_content_with_what_is_found() -> None:
    script = (ROOT / "deploy" / "bootstrap.sh").read_text()
    [names] = re.findall(r"for name in (chromium[^;]*);", script)
    assert tuple(names.split()) == chromium.NAMES


def test_no_test_looks_for_a_browser_by_itself() -> None:
    ours = [path for folder in ("shared", "services", "deploy", "tests") for path in (ROOT / folder).rglob("*.py")]
    looking = {path.name for path in ours if re.search(r"executable_path|playwright\.chromium", path.read_text())}
    assert looking == {"chromium.py", Path(__file__).name}


@pytest.mark.parametrize(("in_ci", "outcome"), [("", "skipped"), ("1", "errors")])
def test_without_a_browser_a_test_is_skipped_at_home_and_fails_in_ci(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, in_ci: str, outcome: str
) -> None:
    monkeypatch.setenv("PATH", str(pytester.path))
    monkeypatch.setenv("CI", in_ci)
    pytester.makepyfile(ASKS)
    done = pytester.runpytest_subprocess("-p", "guichet_testing.real.plugin", "-o", "asyncio_mode=auto")
    done.assert_outcomes(**{outcome: 1})
