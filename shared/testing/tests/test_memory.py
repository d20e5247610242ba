"""Where there is room a server of the tests writes to memory, and leaves nothing there."""

from pathlib import Path

import pytest

from guichet_testing.real import memory
from guichet_testing.real.memory import in_memory


def test_what_was_in_memory_is_gone_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MEMORY", tmp_path)
    monkeypatch.setattr(memory, "ROOM", 0)
    with in_memory(otherwise=tmp_path / "disk") as folder:
        (folder / "journal").touch()
        assert folder.parent == tmp_path
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("place", "room"), [("not there", 0), ("", 2**62)])
def test_without_memory_or_room_in_it_the_disk_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, room: int
) -> None:
    monkeypatch.setattr(memory, "MEMORY", tmp_path / place)
    monkeypatch.setattr(memory, "ROOM", room)
    with in_memory(otherwise=tmp_path / "disk") as folder:
        assert folder == tmp_path / "disk"
