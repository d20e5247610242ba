"""A rotation changes the root-key file and its copy: killed anywhere, no generation in use is lost and no old one stays."""

import os
from pathlib import Path

import pytest

from guichet.errors import SettingsError
from guichet.vault.root_key.file import RootKeyFile, make_root_key_file, read_root_keys
from guichet.vault.root_key.writer import RootKeyWriter


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "secrets" / "root.key"
    make_root_key_file(path)
    return path


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    (tmp_path / "stick").mkdir()
    return tmp_path / "stick" / "root.key"


def test_a_rotation_adds_a_generation_and_takes_the_old_one_out(path: Path) -> None:
    first = read_root_keys(path)
    new = RootKeyWriter(path).add_generation()
    assert read_root_keys(path) == first | {2: new.secret}
    RootKeyWriter(path).keep_from(2)
    assert read_root_keys(path) == {2: new.secret}
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_what_a_group_may_read_it_may_read_after_a_rotation(path: Path) -> None:
    path.chmod(0o640)
    RootKeyWriter(path).add_generation()
    assert path.stat().st_mode & 0o777 == 0o640


def test_the_old_files_bytes_are_overwritten(path: Path) -> None:
    secret = path.read_bytes()
    with path.open("rb") as old:  # the blocks, as whoever reads the disk finds them
        RootKeyWriter(path).add_generation()
        assert len(overwritten := old.read()) == len(secret)
    assert overwritten != secret


def test_a_copy_is_made_and_kept_in_step(path: Path, copy: Path) -> None:
    writer = RootKeyWriter(path, copy)
    for generation in (2, 3):
        writer.add_generation()
        assert read_root_keys(copy) == read_root_keys(path)
        writer.keep_from(generation)
        assert read_root_keys(copy) == read_root_keys(path)
        assert set(read_root_keys(copy)) == {generation}
    assert copy.stat().st_mode & 0o777 == 0o600


def test_at_every_moment_the_copy_opens_what_the_file_opens(
    path: Path, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = RootKeyWriter(path, copy)
    writer.add_generation()
    replace, seen = os.replace, []

    def replace_and_look(*names: str) -> None:
        replace(*names)
        seen.append((set(read_root_keys(path)), set(read_root_keys(copy))))

    monkeypatch.setattr("pathlib.os.replace", replace_and_look)
    writer.add_generation()
    writer.keep_from(3)
    assert seen == [({1, 2}, {1, 2, 3}), ({1, 2, 3}, {1, 2, 3}), ({3}, {1, 2, 3}), ({3}, {3})]


def test_a_copy_that_a_killed_rotation_left_ahead_gives_its_number_to_nobody(path: Path, copy: Path) -> None:
    RootKeyWriter(path, copy).add_generation()
    path.write_text(path.read_text())
    RootKeyWriter(path).keep_from(2)
    copy_alone = RootKeyWriter(copy)
    copy_alone.add_generation()  # generation 3 reached the copy only
    assert RootKeyWriter(path, copy).add_generation().generation == 4
    assert read_root_keys(copy) == read_root_keys(path)


def test_another_vaults_root_key_is_not_written_over(path: Path, copy: Path) -> None:
    make_root_key_file(copy)
    before = copy.read_bytes()
    with pytest.raises(SettingsError, match=r"GUICHET_ROOT_KEY_COPY .* in common"):
        RootKeyWriter(path, copy).add_generation()
    assert copy.read_bytes() == before
    assert set(read_root_keys(path)) == {1}


def test_a_copy_that_cannot_be_written_stops_the_rotation_before_it_begins(path: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="not-mounted"):
        RootKeyWriter(path, tmp_path / "not-mounted" / "root.key").add_generation()
    assert set(read_root_keys(path)) == {1}


def test_what_a_killed_writer_left_is_removed(path: Path) -> None:
    left = path.with_name(f".{path.name}.0123abcd")
    left.write_bytes(path.read_bytes())
    RootKeyWriter(path).add_generation()
    assert list(path.parent.iterdir()) == [path]


def test_a_second_name_of_the_file_itself_is_removed_without_blanking_it(path: Path) -> None:
    """`vault init` was killed between giving the file its name and dropping the first one."""
    first = read_root_keys(path)
    os.link(path, path.with_name(f".{path.name}.0123abcd"))
    assert RootKeyWriter(path).add_generation().generation == 2
    assert read_root_keys(path).items() >= first.items()
    assert list(path.parent.iterdir()) == [path]


def test_a_reader_never_meets_a_blanked_file(path: Path) -> None:
    """A reader that had the old file open when it was replaced reads the new one."""
    opened, real_open, writer = [], Path.open, RootKeyWriter(path)

    def open_then_rotate(self: Path, *args: str) -> object:
        file = real_open(self, *args)
        if not opened and self == path and args == ("rb",):
            opened.append(self)
            writer.add_generation()
        return file

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "open", open_then_rotate)
        keys = read_root_keys(path)
    assert opened
    assert set(keys) == {1, 2}


def test_a_symbolic_link_stays_one(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(path)
    RootKeyWriter(link).add_generation()
    assert link.is_symlink()
    assert RootKeyFile(link).newest()[0] == 2
