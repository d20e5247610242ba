"""The root-key file: refused with a remedy when it cannot be used, read again when a rotation has added a generation."""

import base64
import json
from pathlib import Path

import pytest

from guichet.errors import SettingsError, TransientError
from guichet.vault.root_key.file import RootKeyFile, make_root_key_file


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "secrets" / "root-key.json"


def write(path: Path, **generations: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({name[1:]: base64.b64encode(key).decode() for name, key in generations.items()}))
    path.chmod(0o600)


def test_it_is_made_once_for_its_owner_alone(path: Path) -> None:
    assert make_root_key_file(path) is True
    assert path.stat().st_mode & 0o777 == 0o600
    generation, key = RootKeyFile(path).newest()
    assert (generation, len(key)) == (1, 32)
    assert make_root_key_file(path) is False
    assert RootKeyFile(path).newest() == (generation, key)
    assert list(path.parent.iterdir()) == [path]


def test_a_missing_file_names_variable_and_remedy(path: Path) -> None:
    with pytest.raises(SettingsError, match=r"GUICHET_ROOT_KEY_FILE .* does not exist.*guichet prepare"):
        RootKeyFile(path)


@pytest.mark.parametrize("mode", [0o644, 0o602, 0o666])
def test_a_file_open_to_all_is_refused(path: Path, mode: int) -> None:
    make_root_key_file(path)
    path.chmod(mode)
    with pytest.raises(SettingsError, match="chmod 600"):
        RootKeyFile(path)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"1": "c2hvcnQ="}', '{"one": "x"}', "\x00"])
def test_any_other_file_is_refused_without_quoting_it(path: Path, content: str) -> None:
    make_root_key_file(path)
    path.write_text(content)
    with pytest.raises(SettingsError, match="no root-key file") as refused:
        RootKeyFile(path)
    assert "c2hvcnQ" not in str(refused.value)


def test_a_generation_added_meanwhile_is_found_and_one_taken_out_is_forgotten(path: Path) -> None:
    write(path, _1=bytes(32))
    root = RootKeyFile(path)
    write(path, _2=bytes([2] * 32))
    assert root.key(2) == bytes([2] * 32)
    assert root.newest() == (2, bytes([2] * 32))
    with pytest.raises(TransientError, match="root key 1"):
        root.key(1)
    assert bytes(32) not in vars(root)["_keys"].values()


def test_a_refresh_alone_forgets(path: Path) -> None:
    write(path, _1=bytes(32))
    root = RootKeyFile(path)
    write(path, _2=bytes([2] * 32))
    root.refresh()
    assert vars(root)["_keys"] == {2: bytes([2] * 32)}


def test_while_the_file_is_away_what_is_known_stays(path: Path) -> None:
    write(path, _1=bytes(32))
    root = RootKeyFile(path)
    path.unlink()
    assert root.key(1) == bytes(32)
    path.write_text("half a fi")
    assert root.key(1) == bytes(32)


def test_a_lacking_generation_makes_wait(path: Path) -> None:
    write(path, _1=bytes(32))
    root = RootKeyFile(path)
    with pytest.raises(TransientError, match="root key 2"):
        root.key(2)
    path.unlink()
    with pytest.raises(TransientError, match="GUICHET_ROOT_KEY_FILE"):
        root.key(2)


def test_in_a_folder_of_a_group_s_that_group_reads_the_file(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o2750)
    assert make_root_key_file(tmp_path / "shared" / "root.key")
    assert (tmp_path / "shared" / "root.key").stat().st_mode & 0o777 == 0o640
