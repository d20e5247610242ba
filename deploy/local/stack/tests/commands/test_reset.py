from pathlib import Path

import pytest

from guichet.clock import make_clock_file
from guichet_local.commands.reset import DATA, is_confirmed, reset
from guichet_local.errors import AlreadyRunningError
from guichet_local.machine.paths import CLOCK
from guichet_local.processes.supervisor import supervisor_of


def test_data_goes_and_the_cache_stays(tmp_path: Path) -> None:
    for name in (*DATA, "cache", "uv"):
        (tmp_path / name).mkdir()
    make_clock_file(tmp_path / CLOCK)
    reset(tmp_path, supervisor_of(tmp_path))
    assert {each.name for each in tmp_path.iterdir()} == {"cache", "uv"}


def test_a_running_stack_is_not_reset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("guichet_local.processes.supervisor.Supervisor.is_running", True)
    with pytest.raises(AlreadyRunningError, match="make stop"):
        reset(tmp_path, supervisor_of(tmp_path))


@pytest.mark.parametrize(("answer", "sure"), [("yes\n", True), ("oui", True), ("y", False), ("", False), ("no", False)])
def test_only_a_whole_yes_counts(answer: str, sure: bool) -> None:
    assert is_confirmed(answer) is sure
