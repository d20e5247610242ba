"""Files are written where they differ, with the mode that they need, and what an earlier town had is taken away."""

from pathlib import Path

from guichet_server.apply.write import note, remove_others, write_files
from guichet_server.layout import PLACES, SECRETS
from guichet_server.render.everything import UNITS, File
from guichet_testing.server_files import FILES

STALE = [f"{SECRETS}/sender-pigeon.env", f"{UNITS}/guichet-sender-pigeon.service"]
OF_A_PERSON = [
    f"{UNITS}/postfix.service",
    f"{UNITS}/guichet-statistics.service",
    f"{UNITS}/guichet-statistics.timer",
    f"{SECRETS}/given.env",
    f"{SECRETS}/statistics.env",
]


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


def test_what_the_town_has_no_more_goes(tmp_path: Path) -> None:
    before = FILES | {path: File("", secret=path.startswith(SECRETS)) for path in STALE}
    note(before, tmp_path)
    write_files(before, tmp_path)
    note(FILES, tmp_path)
    assert remove_others(FILES, tmp_path) == STALE
    assert remove_others(FILES, tmp_path) == []


def test_what_apply_did_not_write_stays(tmp_path: Path) -> None:
    for path in OF_A_PERSON:
        (tmp_path / path[1:]).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path[1:]).write_text("")
    note(FILES, tmp_path)
    write_files(FILES, tmp_path)
    assert remove_others(FILES, tmp_path) == []
    assert all((tmp_path / path[1:]).exists() for path in OF_A_PERSON)


def test_an_administrator_s_file_stays_once_the_town_has_a_server_of_its_own(tmp_path: Path) -> None:
    note(FILES, tmp_path)
    write_files(FILES, tmp_path)
    elsewhere = {path: file for path, file in FILES.items() if path != PLACES.kafka_admin_properties}
    assert remove_others(elsewhere, tmp_path) == []
