"""The second disk of containers: begun once while it is mounted, and known by its marks ever after."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from guichet.errors import SettingsError
from guichet_server.apply import second_disk as the_module
from guichet_server.apply.second_disk import FOLDERS, second_disk
from guichet_server.layout import SECOND_DISK_MARK
from guichet_server.render.containers import USER
from guichet_server.run.in_container import ASKS_FOR_A_PERSON, main, reasons_against

JOURNAL: Final = "srv/guichet/sending-journal/sendings.sqlite3"


@pytest.fixture(autouse=True)
def given(monkeypatch: pytest.MonkeyPatch) -> dict[Path, int]:
    """Whom each file would be given to: only root may."""
    given: dict[Path, int] = {}
    monkeypatch.setattr(os, "chown", lambda path, uid, gid: given.update({path: uid}))
    return given


@pytest.fixture
def mounted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine at whose /srv/guichet another disk is mounted."""
    (tmp_path / "srv" / "guichet").mkdir(parents=True)
    monkeypatch.setattr(os.path, "ismount", lambda path: path == tmp_path / "srv" / "guichet")
    monkeypatch.setattr(the_module, "_device", lambda path: 1 + ("srv" in path.relative_to(tmp_path).parts))
    return tmp_path


def test_a_mounted_disk_is_begun_for_containers(mounted: Path, given: dict[Path, int]) -> None:
    said = second_disk(mounted)
    assert "le journal des envois est commencé" in said[0]
    assert (mounted / JOURNAL).read_bytes() == b""
    for folder in FOLDERS:
        made = mounted / folder[1:]
        assert (made / SECOND_DISK_MARK).is_file()
        assert made.stat().st_mode & 0o777 == 0o700
    assert {*given.values()} == {USER}
    assert mounted / JOURNAL in given


def test_what_is_begun_stays(mounted: Path) -> None:
    second_disk(mounted)
    (mounted / JOURNAL).write_bytes(b"what has left")
    second_disk(mounted)
    assert (mounted / JOURNAL).read_bytes() == b"what has left"


def test_no_disk_that_is_not_mounted_is_begun(tmp_path: Path) -> None:
    for _ in range(2):  # missing, then an empty folder
        with pytest.raises(
            SettingsError, match="n’est pas un disque monté, autre que celui de /var/lib/guichet : montez-y"
        ):
            second_disk(tmp_path)
        assert [*tmp_path.rglob(".guichet*"), *tmp_path.rglob("*.sqlite3")] == []
        (tmp_path / "srv" / "guichet").mkdir(parents=True, exist_ok=True)
    assert second_disk(tmp_path, on_this_disk=True)


def test_a_folder_of_another_disk_than_the_second_is_not_taken_for_it(
    mounted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os.path, "ismount", lambda _: False)  # /srv is a partition of its own, nothing lies in it yet
    with pytest.raises(SettingsError, match="montez-y"):
        second_disk(mounted)


def told(folder: Path) -> dict[str, str]:
    srv = folder / "srv" / "guichet"
    return {
        "GUICHET_VAULT_COPY": str(srv / "vault-copy"),
        "GUICHET_ROOT_KEY_COPY": str(srv / "root-key" / "root.key"),
        "GUICHET_NOTIFIER_JOURNAL": str(srv / "sending-journal"),
    }


def test_a_container_starts_with_its_disk_and_not_without(mounted: Path) -> None:
    second_disk(mounted)
    assert [*reasons_against(told(mounted))] == []
    for name, path in told(mounted).items():
        folder = Path(path).parent if name == "GUICHET_ROOT_KEY_COPY" else Path(path)
        (folder / SECOND_DISK_MARK).unlink()
        [reason] = reasons_against(told(mounted))
        assert reason.startswith(f"{name} : {folder} n’est pas un dossier du second disque. Montez ce disque")
        (folder / SECOND_DISK_MARK).touch()


def test_a_folder_that_docker_made_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {"GUICHET_OBJECTS_URL": (tmp_path / "objects").as_uri(), "GUICHET_BACKUPS": str(tmp_path)}
    [reason] = reasons_against(asked)
    assert reason.startswith(f"GUICHET_OBJECTS_URL : rien ne peut être écrit dans {tmp_path}/objects")
    (tmp_path / "objects").mkdir()
    assert [*reasons_against(asked)] == []
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert len([*reasons_against(asked)]) == 2
    assert len([*reasons_against(asked, only_reads=["GUICHET_OBJECTS_URL"])]) == 1, "where it is mounted to be read"


def test_files_in_a_bucket_are_nobody_s_folder() -> None:
    assert [*reasons_against({"GUICHET_OBJECTS_URL": "s3://town/files"})] == []


def test_a_container_whose_disk_is_away_says_so_and_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GUICHET_NOTIFIER_JOURNAL", str(tmp_path))
    assert main(["notifier"]) == ASKS_FOR_A_PERSON
    assert "Montez ce disque et relancez" in capsys.readouterr().err


def test_it_becomes_the_service() -> None:
    words = [sys.executable, "-P", "-m", "guichet_server.run.in_container", "json.tool", "--help"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("usage: ")
