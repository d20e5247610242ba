"""`guichet town migrate`: killed between any two writes it is run again, and the folder of before stays whole."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from guichet.town import load_town
from guichet.town.migrations.run import migrated, version_of
from guichet.town.migrations.table import CURRENT, FIRST
from guichet_cli.console.private_file import replace_file
from guichet_cli.town import migrate as module
from guichet_cli.town.command import app
from guichet_testing.builders.example_town import EXAMPLE_TOWN


class KilledError(Exception):
    """Stands for the end of the process."""


@pytest.fixture
def first(tmp_path: Path) -> Path:
    town = Path(shutil.copytree(EXAMPLE_TOWN, tmp_path / "town"))
    for text in town.glob("templates/abuse_*"):
        text.unlink()
    (town / "town.yaml").write_text((town / "town.yaml").read_text().replace(f"version: {CURRENT}\n", ""))
    return town


def texts(folder: Path) -> dict[str, bytes]:
    return {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def test_a_run_that_was_killed_anywhere_is_run_again(first: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, writes = texts(first), len(migrated(first).changed)
    for survived in range(writes):
        written: list[Path] = []

        def replace_some(path: Path, content: bytes, left: int = survived, written: list[Path] = written) -> None:
            if len(written) == left:
                raise KilledError
            written.append(path)
            replace_file(path, content)

        monkeypatch.setattr(module, "replace_file", replace_some)
        assert isinstance(CliRunner().invoke(app, ["migrate", str(first)]).exception, KilledError)
        assert version_of(first) == FIRST, "the version is written last"
    monkeypatch.undo()
    done = CliRunner().invoke(app, ["migrate", str(first)])
    assert done.exit_code == 0, done.output
    assert version_of(first) == CURRENT
    assert load_town(first).name == "Saint-Aubin-des-Prés"
    assert texts(first.with_name("town.v1")) == before
    assert {each.name for each in first.parent.iterdir()} == {"town", "town.v1"}


def test_who_went_back_and_changed_something_loses_none_of_it(first: Path) -> None:
    assert CliRunner().invoke(app, ["migrate", str(first)]).exit_code == 0
    shutil.rmtree(first)
    shutil.copytree(first.with_name("town.v1"), first)
    with (first / "town.yaml").open("a") as file:
        file.write("# since then\n")
    assert CliRunner().invoke(app, ["migrate", str(first)]).exit_code == 0
    assert (first / "town.yaml").read_text().endswith("# since then\n")
    assert (first.with_name("town.v1") / "town.yaml").read_text().endswith("# since then\n")


def test_a_folder_of_today_is_left_alone(tmp_path: Path) -> None:
    town = Path(shutil.copytree(EXAMPLE_TOWN, tmp_path / "town"))
    done = CliRunner().invoke(app, ["migrate", str(town)])
    assert (done.exit_code, done.output) == (0, "Ce dossier a déjà la forme d’aujourd’hui.\n")
    assert not (tmp_path / "town.v1").exists()
