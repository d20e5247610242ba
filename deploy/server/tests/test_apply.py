"""Files are written where they differ, with the mode that they need, and what an earlier town had is taken away."""

from pathlib import Path

from guichet_server.apply.write import remove_others, write_files
from guichet_server.render.everything import UNITS
from guichet_testing.server_files import FILES

STALE = f"{UNITS}/guichet-sender-pigeon.service"


def test_applied_twice_it_changes_nothing(tmp_path: Path) -> None:
    assert sorted(write_files(FILES, tmp_path)) == sorted(FILES)
    assert write_files(FILES, tmp_path) == []
    assert remove_others(FILES, tmp_path) == []


def test_a_secret_is_root_s_alone_even_where_it_was_not(tmp_path: Path) -> None:
    write_files(FILES, tmp_path)
    [path] = [each for each in FILES if each.endswith("/case-router.env")]
    (tmp_path / path[1:]).chmod(0o644)
    assert write_files(FILES, tmp_path) == [path]
    assert (tmp_path / path[1:]).stat().st_mode & 0o777 == 0o600


def test_what_the_town_has_no_more_goes_and_a_person_s_file_stays(tmp_path: Path) -> None:
    write_files(FILES, tmp_path)
    for path in (STALE, "/etc/systemd/system/postfix.service", "/etc/guichet/secrets/given.env"):
        (tmp_path / path[1:]).write_text("")
    assert remove_others(FILES, tmp_path) == [STALE]
